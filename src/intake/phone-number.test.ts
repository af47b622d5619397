import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import metadata from "libphonenumber-js/min/metadata";
import { describe, expect, test } from "vitest";
import { normalisePhone } from "./phone-number.ts";

describe("a phone number", () => {
  const countries = Object.entries(metadata.country_calling_codes).flatMap(([code, all]) =>
    // "001" is no country. Of +599 the library takes numbers of another country's length for impossible, and we do not.
    all.filter((country) => country !== ("001" as string) && code !== "599").map((country) => ({ code, country })),
  );

  test("comes out as the library reads it, in every country and in each way of writing it", async () => {
    const digits = ["2079460018", "30123456", "7911123456", "612345678", "12345", "123456789012"];
    const written = countries.flatMap(({ code, country }) =>
      digits
        .flatMap((number) => [
          `+${code}${number}`,
          number,
          `0${number}`,
          `00${code} ${number}`,
          `+${code} ${number} ext. 7`,
        ])
        .map((text) => ({ text, country })),
    );
    const ours = await Promise.all(written.map(({ text, country }) => normalisePhone(text, country)));
    const theirs = written.map(({ text, country }) => {
      const parsed = parsePhoneNumberFromString(text, country);
      return parsed?.isPossible() ? parsed.number : text;
    });
    expect(written.filter((_, i) => ours[i] !== theirs[i])).toEqual([]);
    expect(theirs.filter((number, i) => number !== written[i]?.text).length).toBeGreaterThan(1_000);
  });
});
