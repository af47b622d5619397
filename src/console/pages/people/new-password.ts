/** Letters and digits that are not mistaken for one another when read out or copied by hand. */
const letters = "abcdefghjkmnpqrstuvwxyz23456789";
const groups = 4;
const lettersInGroup = 5;

/** A password nobody can guess and anybody can type: `x4kqm-7hw2p-…`, just under 100 bits. */
export function newPassword(): string {
  return Array.from({ length: groups }, () => Array.from({ length: lettersInGroup }, letter).join("")).join("-");
}

function letter(): string {
  const [drawn = 0] = crypto.getRandomValues(new Uint8Array(1));
  // What is above the last whole multiple would make the first letters likelier.
  return drawn < 256 - (256 % letters.length) ? (letters[drawn % letters.length] ?? letter()) : letter();
}
