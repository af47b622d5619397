/** The shortest tutorial: thank the visitor, and let the request to the CRM go on by itself. */
import { deliver, startSite } from "./site.ts";

startSite((submission) => {
  deliver(submission).catch((error) => console.error("could not be delivered", error));
});
