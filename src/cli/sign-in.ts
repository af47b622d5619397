import { loadConfig } from "../config/load-config.ts";
import { openLedger } from "../gateway.ts";
import { newSignInLink } from "../server/sign-in/link.ts";
import { print } from "./output.ts";

/** `leadkeep sign-in`: prints a link that signs in to the console as owner. Whoever may read the ledger is let in. */
export async function signIn(): Promise<void> {
  const options = await loadConfig(process.cwd(), process.env);
  const { publicUrl, host, port } = options;
  const ledger = await openLedger(options);
  try {
    const base = publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    print(await newSignInLink(ledger.accounts, base, Date.now()));
  } finally {
    await ledger.close();
  }
}
