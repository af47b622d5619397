/** What is tried first wherever people choose passwords, in letters alone. */
const common =
  "password passwort admin administrator welcome willkommen letmein login logmein access secret geheim changeme default master qwertz qwerty azerty asdfgh asdf yxcvbn zxcvbn qaz wsx iloveyou ichliebedich princess dragon monkey football fussball baseball basketball superman batman starwars pokemon sunshine sonnenschein shadow freedom whatever trustno hello hallo test guest gast user leadkeep leads lead marketing sales vertrieb office buero company firma january february march april june july august september october november december januar februar maerz mai juni juli oktober dezember spring summer autumn winter sommer herbst fruehling monday friday montag freitag michael thomas daniel jessica ashley andrea jennifer charlie jordan hunter killer computer internet"
    .split(" ")
    .sort((one, other) => other.length - one.length);
const letters: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};
const fewestDifferent = 6;
const fewestOwn = 6;

/**
 * Why a password is no good, as a sentence's end; null when it is not one of those that are tried first. `about`: what anybody knows of its
 * owner, such as their name and address. It is no list of stolen passwords: none comes with this program.
 */
export function weaknessOf(password: string, about: readonly string[]): string | null {
  const text = password.normalize("NFKC").toLowerCase();
  if (new Set(text).size < fewestDifferent) return "has too few different characters";
  const known = about.flatMap((one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2);
  let own = asLetters(withoutRuns(text));
  for (const word of [...known.map(asLetters), ...common]) own = own.replaceAll(word, " ");
  return own.replace(/[^\p{L}\p{N}]/gu, "").length < fewestOwn ? "is made of what anybody would try first" : null;
}

/** `p4ssw0rd` is "password". */
function asLetters(text: string): string {
  return text.replace(/[013457@$!]/g, (character) => letters[character] ?? character);
}

/** Without "1234", "cba" and "aaaa". */
function withoutRuns(text: string): string {
  const characters = [...text];
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const step = (n: number): number => (codes[n] ?? 0) - (codes[n - 1] ?? Number.NaN);
  const goesOn = (n: number): boolean => Math.abs(step(n)) <= 1 && step(n) === step(n - 1);
  return characters.filter((_, n) => !goesOn(n) && !goesOn(n + 1) && !goesOn(n + 2)).join("");
}
