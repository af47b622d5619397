import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/**
 * Cost of a hash: 32 MiB and a fraction of a second. As strong as the usual 2^17, 8, 1 with a quarter of the memory, per
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (read 2026-11).
 */
const cost = { logN: 15, r: 8, p: 3 };
type Cost = typeof cost;
const keyBytes = 32;

/** What is kept of a password: cost, salt and hash, so that the cost can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ["scrypt", cost.logN, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** Whether it is the password. Takes as long when there is nobody (`kept` is null), so that the time names no people. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, logN, r, p, salt = "", key = ""] = (kept ?? nobody).split("$");
  const wanted = Buffer.from(key, "base64url");
  const given = await derive(password, Buffer.from(salt, "base64url"), {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
  });
  return given.length === wanted.length && timingSafeEqual(given, wanted) && kept !== null;
}

const nobody = ["scrypt", cost.logN, cost.r, cost.p, "A".repeat(22), "A".repeat(43)].join("$");

/** The same password is typed with letters in more than one way, so it is brought to one form first. */
function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Buffer): void => (error ? reject(error) : resolve(key));
    scrypt(password.normalize("NFKC"), salt, keyBytes, { N, r, p, maxmem: 256 * N * r }, done);
  });
}
