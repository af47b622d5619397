/**
 * What curl would do with a command line as our docs have them: `-X`, `-H`, `-d` and `-o` (which is passed over), single and double
 * quotes, and `$NAME` outside of single quotes. @throws on anything else, so that no example is half understood
 */
export async function curl(command: string, variables: Readonly<Record<string, string>>): Promise<Response> {
  const [program, ...words] = wordsOf(command, variables);
  if (program !== "curl") throw new Error(`${program} is not curl`);
  const headers = new Headers();
  let method: string | undefined;
  let body: string | undefined;
  let url: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-X") method = words.shift();
    else if (word === "-d") body = words.shift();
    else if (word === "-o") words.shift();
    else if (word === "-H") {
      const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(words.shift() ?? "") ?? [];
      headers.set(name, value);
    } else if (word.startsWith("-") || url !== undefined) throw new Error(`what is ${word}?`);
    else url = word;
  }
  if (url === undefined) throw new Error("no address");
  return fetch(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

/** A command line's words, as a shell would have them. */
function wordsOf(command: string, variables: Readonly<Record<string, string>>): string[] {
  const word = /(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"])+/g;
  return (command.match(word) ?? []).map((raw) =>
    raw.replace(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|[^'"]+/g,
      (bare, single?: string, double?: string) =>
        single ?? filledIn(double?.replace(/\\(["\\$])/g, "$1") ?? bare, variables),
    ),
  );
}

function filledIn(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$([A-Z]+)/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`$${name} is not said`);
    return value;
  });
}
