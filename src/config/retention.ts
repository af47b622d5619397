import type { ConfigProblem } from "../model/errors.ts";
import { defaultRetention, parsePeriod, type Retention, type RetentionRules } from "../model/retention.ts";

/** How long things are kept, as written in a config file: `"30d"`, `"24 months"`, `"2 years"` or `"never"`. */
export type RetentionConfig = {
  /** Leads with everything about them. @default "never" */
  leads?: string;
  /** Suspected spam. @default "30d" */
  quarantine?: string;
  /** The history of deliveries that are over. @default "90d" */
  attempts?: string;
};

const kinds = ["leads", "quarantine", "attempts"] as const;

/** The rules of all forms; what a form leaves out it takes from the top level, and that from the defaults. */
export function retentionRules(
  top: RetentionConfig | undefined,
  forms: Readonly<Record<string, { retention?: RetentionConfig }>>,
  problems: ConfigProblem[],
): RetentionRules {
  const byDefault = read(top, defaultRetention, "retention", problems);
  const own = Object.entries(forms).filter(([, { retention }]) => retention !== undefined);
  return {
    byDefault,
    forms: new Map(own.map(([id, form]) => [id, read(form.retention, byDefault, `forms.${id}.retention`, problems)])),
  };
}

function read(config: RetentionConfig = {}, otherwise: Retention, path: string, problems: ConfigProblem[]): Retention {
  const retention = { ...otherwise };
  for (const [name, text] of Object.entries(config)) {
    const kind = kinds.find((one) => one === name);
    if (!kind) {
      const cure = `Use one of: ${kinds.join(", ")}.`;
      problems.push({ path: `${path}.${name}`, message: "is nothing that can be kept for a time.", cure });
      continue;
    }
    try {
      retention[kind] = parsePeriod(String(text));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push({ path: `${path}.${kind}`, message: error.message, cure: 'Write "30d", "24 months" or "never".' });
    }
  }
  return retention;
}
