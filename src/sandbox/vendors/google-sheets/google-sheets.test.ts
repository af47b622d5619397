import { createSign } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, type SandboxVendors, serviceAccount, startSandbox } from "../../index.ts";

let sandbox: Sandbox;
let sheets: SandboxVendors["sheets"];
let token: string;
let time = Date.UTC(2026, 10, 24);

beforeEach(async () => {
  sandbox = await startSandbox({ now: () => time });
  ({ sheets } = sandbox.vendors);
  token = String((await grant(claims())).json.access_token);
});
afterEach(() => sandbox.close());

function claims(given: object = {}): object {
  const iat = time / 1_000;
  const scope = "https://www.googleapis.com/auth/spreadsheets";
  return {
    iss: serviceAccount().email,
    scope,
    aud: "https://oauth2.googleapis.com/token",
    iat,
    exp: iat + 3_600,
    ...given,
  };
}

async function grant(payload: object, spoil = (text: string) => text) {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(payload)}`;
  const signature = createSign("RSA-SHA256").update(signed).sign(serviceAccount().privateKey, "base64url");
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: `${signed}.${spoil(signature)}`,
  });
  return answerOf(await fetch(`${sheets.url}/token`, { method: "POST", body }));
}

async function call(method: string, path: string, body?: object, id = sheets.settings.spreadsheetId) {
  const response = await fetch(`${sheets.url}/v4/spreadsheets/${id}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return answerOf(response);
}

async function answerOf(response: Response) {
  return { status: response.status, json: (await response.json()) as Record<string, never> };
}

function append(range: string, values: unknown[][], options = "valueInputOption=RAW&insertDataOption=INSERT_ROWS") {
  return call("POST", `/values/${encodeURIComponent(range)}:append?${options}`, { values });
}

const update = (...requests: object[]) => call("POST", ":batchUpdate", { requests });

test.each([
  [
    "a signature of another key",
    claims,
    (signature: string) => signature.replace(/^.{20}/, "A".repeat(20)),
    "Invalid JWT Signature.",
  ],
  ["an unknown account", () => claims({ iss: "x@y.example.com" }), undefined, "Invalid grant: account not found"],
  [
    "a clock that is ahead",
    () => claims({ iat: time / 1_000 + 900, exp: time / 1_000 + 4_500 }),
    undefined,
    /short-lived token/,
  ],
  [
    "a clock that is behind",
    () => claims({ iat: time / 1_000 - 4_000, exp: time / 1_000 - 400 }),
    undefined,
    /short-lived token/,
  ],
  ["another audience", () => claims({ aud: "https://example.com" }), undefined, /audience/],
  ["no scope", () => claims({ scope: "email" }), undefined, /scope/],
])("a JWT with %s gets no token", async (_, payload, spoil, description) => {
  const { status, json } = await grant(payload(), spoil);
  expect([status, json.error]).toEqual([400, "invalid_grant"]);
  expect(json.error_description).toMatch(description);
});

test("a token ends, and then the answer is 401", async () => {
  expect((await call("GET", "")).status).toBe(200);
  time += 3_600_000;
  expect((await call("GET", "")).status).toBe(401);
});

test("append finds the table and writes below it, from its first column, in new rows", async () => {
  sheets.own.addTab("Leads", [["", "a", "b"], ["", "1", "2"], [], ["", "below", "the gap"]]);
  const { json } = await append("Leads!B1", [["x", null, "z"], ["y"]]);
  expect(json).toMatchObject({
    tableRange: "Leads!B1:C2",
    updates: { updatedRange: "Leads!B3:D4", updatedRows: 2, updatedColumns: 3 },
  });
  expect(sheets.own.rows("Leads").slice(2)).toEqual([["", "x", "", "z"], ["", "y"], [], ["", "below", "the gap"]]);
});

test("with OVERWRITE append writes over what follows the table", async () => {
  sheets.own.addTab("Leads", [["a"], ["1"], [], ["lost"]]);
  await append("Leads!A1", [["x"], ["y"]], "valueInputOption=RAW&insertDataOption=OVERWRITE");
  expect(sheets.own.rows("Leads")).toEqual([["a"], ["1"], ["x"], ["y"]]);
});

test("RAW stores text as it is; USER_ENTERED makes formulas and numbers of it", async () => {
  sheets.own.addTab("Leads", [["a"]]);
  await append("Leads!A1", [["=1+1", "+442079460018"]]);
  expect([sheets.own.rows("Leads")[1], sheets.own.formulas("Leads")]).toEqual([["=1+1", "+442079460018"], 0]);
  await append("Leads!A1", [["=1+1", "+442079460018"]], "valueInputOption=USER_ENTERED&insertDataOption=INSERT_ROWS");
  expect([sheets.own.rows("Leads")[2], sheets.own.formulas("Leads")]).toEqual([["=1+1", "442079460018"], 1]);
});

test("a batch is applied as a whole or not at all", async () => {
  const { status, json } = await update(
    { addSheet: { properties: { title: "New" } } },
    { addSheet: { properties: { title: "Sheet1" } } },
  );
  expect([status, json.error]).toMatchObject([400, { status: "INVALID_ARGUMENT" }]);
  expect(sheets.own.tabs()).toEqual(["Sheet1"]);
});

test("findReplace replaces in the range asked for, and tells how often", async () => {
  sheets.own.addTab("Leads", [["state"], ["open #1", "open #1"], ["open #12"]]);
  const find = { find: "^.+ #1$", replacement: "done", searchByRegex: true, matchCase: true };
  const range = { sheetId: 1, startRowIndex: 1, startColumnIndex: 0, endColumnIndex: 1 };
  const { json } = await update({ findReplace: { ...find, range } }, { findReplace: { ...find, range } });
  expect(json.replies).toEqual([
    { findReplace: { valuesChanged: 1, rowsChanged: 1, sheetsChanged: 1, occurrencesChanged: 1 } },
    { findReplace: {} },
  ]);
  expect(sheets.own.rows("Leads").slice(1)).toEqual([["done", "open #1"], ["open #12"]]);
});

const range = (startIndex: number, endIndex: number, dimension = "ROWS") => ({
  sheetId: 1,
  dimension,
  startIndex,
  endIndex,
});

test.each([
  ["leaves empty rows at the end of its range", true, [["id"], ["A", "1"], ["b", "2"], [], ["c", "4"], ["a", "5"]]],
  ["takes rows out", false, [["id"], ["A", "1"], ["b", "2"], ["c", "4"], ["a", "5"]]],
])("deleteDuplicates keeps the first row of its range, in whatever case, and %s", async (_, leaves, rows) => {
  sheets.settings.duplicatesLeaveRows = leaves;
  sheets.own.addTab("Leads", [["id"], ["A", "1"], ["a", "3"], ["b", "2"], ["c", "4"], ["a", "5"]]);
  const deleteDuplicates = {
    range: { sheetId: 1, startRowIndex: 1, endRowIndex: 4 },
    comparisonColumns: [range(0, 1, "COLUMNS")],
  };
  const { json } = await update({ deleteDuplicates });
  expect(json.replies).toEqual([{ deleteDuplicates: { duplicatesRemovedCount: 1 } }]);
  expect(sheets.own.rows("Leads")).toEqual(rows);
});

test("rows that are there can be deleted, but not all that are not frozen", async () => {
  const gridProperties = { rowCount: 3, columnCount: 1, frozenRowCount: 1 };
  await update({ addSheet: { properties: { sheetId: 1, title: "Leads", gridProperties } } });
  await append("Leads!A1", [["id"]]);
  expect((await update({ deleteDimension: { range: range(1, 2) } })).status).toBe(200);
  expect((await update({ deleteDimension: { range: range(1, 2) } })).json.error).toMatchObject({
    message: "Sorry, it is not possible to delete all non-frozen rows.",
  });
  expect((await update({ deleteDimension: { range: range(7, 8) } })).status).toBe(400);
});

test("a batch answers, when asked, what cells read right after it", async () => {
  sheets.own.addTab("Leads", [
    ["id", "state"],
    ["1", "open"],
  ]);
  const { json } = await call("POST", ":batchUpdate", {
    requests: [{ findReplace: { find: "open", replacement: "done", allSheets: true } }],
    includeSpreadsheetInResponse: true,
    responseIncludeGridData: true,
    responseRanges: ["'Leads'!B2", "'Leads'!A1", "'Leads'!C9"],
  });
  expect(json.updatedSpreadsheet).toMatchObject({
    sheets: [
      {
        data: [
          { startRow: 1, startColumn: 1, rowData: [{ values: [{ formattedValue: "done" }] }] },
          { rowData: [{ values: [{ formattedValue: "id" }] }] },
          { startRow: 8, startColumn: 2, rowData: [] },
        ],
      },
    ],
  });
});

test("several ranges are read in one request, in the order asked for", async () => {
  sheets.own.addTab("Leads", [["a", "b"], ["1"]]);
  const { json } = await call("GET", "/values:batchGet?majorDimension=COLUMNS&ranges=Leads!A:A&ranges=Sheet1!1:2");
  expect(json.valueRanges).toEqual([
    { range: "Leads!A1:A1000", majorDimension: "COLUMNS", values: [["a", "1"]] },
    { range: "Sheet1!A1:Z2", majorDimension: "COLUMNS" },
  ]);
});

test.each([
  ["a missing tab", () => call("GET", "/values/Nothing!1:1"), 400, "Unable to parse range: Nothing!1:1"],
  ["another spreadsheet", () => call("GET", "", undefined, "other"), 404, "Requested entity was not found."],
  ["a cell that is too long", () => append("Sheet1!A1", [["x".repeat(50_001)]]), 400, /maximum of 50000 characters/],
])("%s is refused in Google's words", async (_, ask, status, message) => {
  const answer = await ask();
  expect([answer.status, answer.json.error]).toEqual([
    status,
    expect.objectContaining({ code: status, message: expect.stringMatching(message) }),
  ]);
});

test("a spreadsheet that is not shared is refused with 403", async () => {
  sheets.settings.shared = false;
  expect((await call("GET", "")).json.error).toMatchObject({ code: 403, status: "PERMISSION_DENIED" });
});

test("more cells than a spreadsheet holds are refused, and nothing is written", async () => {
  sheets.settings.mostCells = 26_000;
  const { json } = await append("Sheet1!A1", [["x"], ["y"]]);
  expect(json.updates).toMatchObject({ updatedRange: "Sheet1!A1:A2" });
  expect((await append("Sheet1!A1", [["z"]])).json.error).toMatchObject({
    message: "This action would increase the number of cells in the workbook above the limit of 26000 cells.",
  });
  expect(sheets.own.rows("Sheet1")).toEqual([["x"], ["y"]]);
});

test("the sixty-first write of a minute is answered 429 in Google's words; reads have a quota of their own", async () => {
  for (let i = 0; i < 60; i += 1)
    expect((await update({ appendDimension: { dimension: "ROWS", length: 0 } })).status).toBe(200);
  const { status, json } = await append("Sheet1!A1", [["x"]]);
  expect([status, json.error]).toMatchObject([
    429,
    {
      status: "RESOURCE_EXHAUSTED",
      message: expect.stringContaining("'Write requests' and limit 'Write requests per minute per user'"),
      details: [{ reason: "RATE_LIMIT_EXCEEDED", metadata: { quota_limit_value: "60" } }, {}],
    },
  ]);
  expect((await call("GET", "")).status).toBe(200);
  time += 60_000;
  expect((await append("Sheet1!A1", [["x"]])).status).toBe(200);
});

test("a person sorts, moves, edits, inserts and deletes like in the browser", () => {
  const { own } = sheets;
  own.addTab("Leads", [
    ["id", "name"],
    ["2", "b"],
    ["1", "a"],
    ["3", "c"],
  ]);
  own.sort("Leads", 0);
  expect(own.rows("Leads").map(([id]) => id)).toEqual(["id", "1", "2", "3"]);
  own.moveRow("Leads", 1, 3);
  own.edit("Leads", 1, 1, "edited");
  own.insertRow("Leads", 1, ["mine"]);
  own.deleteRow("Leads", 4);
  own.insertColumn("Leads", 1, "new");
  own.moveColumn("Leads", 0, 2);
  own.renameTab("Leads", "Renamed");
  expect(own.rows("Renamed")).toEqual([
    ["new", "name", "id"],
    ["", "", "mine"],
    ["", "edited", "2"],
    ["", "c", "3"],
  ]);
  own.deleteTab("Renamed");
  expect(own.tabs()).toEqual(["Sheet1"]);
});
