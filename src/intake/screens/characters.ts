/** Of ASCII in lower case: letters and digits, signs that only addresses and code have much of, and the rest. */
export const kinds: Readonly<Uint8Array> = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return /[a-z0-9]/.test(char) ? 1 : /[.'/<[{$:;=(]/.test(char) ? 2 : 0;
});
export const letterKind = 1;
export const signKind = 2;

/** The same beyond ASCII: letters of any script; only punctuation, symbols and emoji are told apart. */
export function kindBeyondAscii(code: number): number {
  const isOther =
    code < 0xc0 ||
    (code >= 0x2000 && code <= 0x2bff) ||
    (code >= 0x3000 && code <= 0x303f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0xff00 && code <= 0xff0f) ||
    code === 0x60c ||
    code === 0x61b ||
    code === 0x61f ||
    code === 0x6d4 ||
    code === 0x964 ||
    code === 0x965;
  return isOther ? 0 : letterKind;
}

/** True of letters and digits of any script, in lower case. */
export function isLetter(code: number): boolean {
  return (code < 128 ? kinds[code] : kindBeyondAscii(code)) === letterKind;
}

/** Spaces and ends of lines. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13) || code === 0xa0;
}
