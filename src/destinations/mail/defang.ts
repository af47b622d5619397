// Each looks from no place twice, or not far: a message of a quarter of a megabyte is searched in no time, whatever it is made of.
const emailAddress =
  /(?<![\p{L}\p{N}@/:._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\p{L}\p{N}@/:?#\\-])/giu;
const webScheme = /\bhttp(s?)(?=\s*:)/gi;
const otherScheme = /\b((?!https?:)[a-z][a-z0-9+.-]{0,63}):(?=\/\/|\\\\)/gi;
const bareScheme = /\b(javascript|vbscript|data|file|sms|tel|mailto|callto|skype|blob)\s*:(?=\S)/gi;
const domainDot = /(?<=[\p{L}\p{N}])[.\u3002\uff0e\uff61](?=\p{L}{2})/gu;

/**
 * Text a mail program makes no link of: `https://example.com` becomes `hxxps://example[.]com`, and so does a bare domain. A
 * plain mail address stays as it is, since people want to answer it.
 */
export function defanged(text: string): string {
  let result = "";
  let end = 0;
  for (const found of text.matchAll(emailAddress)) {
    result += disarmed(text.slice(end, found.index)) + found[0];
    end = found.index + found[0].length;
  }
  return result + disarmed(text.slice(end));
}

function disarmed(text: string): string {
  return text
    .replace(otherScheme, "$1[:]")
    .replace(bareScheme, "$1[:]")
    .replace(webScheme, "hxxp$1")
    .replace(domainDot, "[.]");
}
