import { describe, expect, test } from "vitest";
import { mediaTypeOf } from "./media-type.ts";
import { parseBody } from "./parse-body.ts";

async function parse(contentType: string | null, body: string | Uint8Array) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const parsed = await parseBody(bytes, mediaTypeOf(contentType), contentType ?? "");
  return parsed.type === "pairs" ? parsed.pairs : parsed.code;
}

describe("JSON", () => {
  test.each(["application/json", "Application/JSON; charset=UTF-8", "application/vnd.lead+json"])(
    "%s is read with nested values kept",
    async (type) => {
      expect(await parse(type, '\ufeff{"a":{"b":[1,null]},"c":true}')).toEqual([
        ["a", { b: [1, null] }],
        ["c", true],
      ]);
    },
  );

  test("a number too large for JavaScript is kept as it was written, neither rounded nor lost", async () => {
    const body = '{"id":12345678901234567890,"far":1e400,"usual":[1,-2.5,1e21,9007199254740991]}';
    expect(await parse("application/json", body)).toEqual([
      ["id", "12345678901234567890"],
      ["far", "1e400"],
      ["usual", [1, -2.5, 1e21, 9007199254740991]],
    ]);
  });

  test.each(["", "{", "[]", '"text"', "null", "1"])("%j is malformed", async (body) => {
    expect(await parse("application/json", body)).toBe("malformed");
  });

  test("bytes that are not UTF-8 are malformed", async () => {
    expect(await parse("application/json", Buffer.from('{"a":"\xfc"}', "latin1"))).toBe("malformed");
  });
});

describe("urlencoded", () => {
  const type = "application/x-www-form-urlencoded";

  test.each([
    [
      "a=1&b=two+words&&c",
      [
        ["a", "1"],
        ["b", "two words"],
        ["c", ""],
      ],
    ],
    ["a%20b=%C3%BC%2B%26", [["a b", "\u00fc+&"]]],
    [
      "a=x=y&=empty",
      [
        ["a", "x=y"],
        ["", "empty"],
      ],
    ],
    [
      "tag[]=1&tag%5B%5D=2",
      [
        ["tag", ["1"]],
        ["tag", ["2"]],
      ],
    ],
    [
      "a=100%&b=%zz%4",
      [
        ["a", "100%"],
        ["b", "%zz%4"],
      ],
    ],
    [
      "a=M%FCller&b=%80",
      [
        ["a", "M\u00fcller"],
        ["b", "\u20ac"],
      ],
    ],
    ["a=\u00fc", [["a", "\u00fc"]]],
    ["", []],
  ])("%j is read as %j", async (body, pairs) => {
    expect(await parse(type, body)).toEqual(pairs);
  });

  test.each(["iso-8859-1", '"windows-1252"', "latin1"])("the charset %s is honoured", async (charset) => {
    expect(await parse(`${type}; charset=${charset}`, "a=%C3%BC")).toEqual([["a", "\u00c3\u00bc"]]);
  });

  test("an unknown charset is read as if none was given", async () => {
    expect(await parse(`${type}; charset=klingon`, "a=%C3%BC")).toEqual([["a", "\u00fc"]]);
  });
});

describe("multipart", () => {
  const type = "multipart/form-data; boundary=XX";
  const part = (disposition: string, content: string, more = "") =>
    `--XX\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;

  test("texts and lists are read", async () => {
    const body = `${part('name="a"', "\u00fc\r\n2")}${part('name="b[]"', "1")}--XX--\r\n`;
    expect(await parse(type, body)).toEqual([
      ["a", "\u00fc\r\n2"],
      ["b", ["1"]],
    ]);
  });

  test("a file is kept whole, an empty file input is dropped", async () => {
    const file = part('name="cv"; filename="cv.txt"', "hello", "Content-Type: text/plain\r\n");
    const empty = part('name="photo"; filename=""', "", "Content-Type: application/octet-stream\r\n");
    expect(await parse(type, `${file}${empty}--XX--\r\n`)).toEqual([
      ["cv", { filename: "cv.txt", type: "text/plain", size: 5, base64: "aGVsbG8=" }],
    ]);
  });

  test.each([
    [type, "no parts"],
    [type, part('name="a"', "cut")],
    ["multipart/form-data", ""],
  ])("%s with %j is malformed", async (contentType, body) => {
    expect(await parse(contentType, body)).toBe("malformed");
  });
});

describe("other types", () => {
  test("a body of another type, or of none, is unsupported", async () => {
    expect(await parse("text/plain", "a=1")).toBe("unsupported_type");
    expect(await parse(null, "a=1")).toBe("unsupported_type");
  });

  test("no type and no body is an empty form", async () => {
    expect(await parse(null, "")).toEqual([]);
  });
});
