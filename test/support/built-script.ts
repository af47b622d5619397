import { buildBrowser } from "../../scripts/build-browser.ts";

/** Before the tests: the visitor's script as it is now, where a gateway run from source finds it. */
export const setup = buildBrowser;
