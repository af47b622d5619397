import type { Defence } from "./defence.ts";

const folder = "src/intake/screens";
const altcha = `${folder}/altcha.ts`;
const captcha = `${folder}/captcha.ts`;
const duty = `${folder}/captcha-duty.ts`;
const counts = `${folder}/counts.ts`;
const honeypot = `${folder}/honeypot.ts`;
const letters = `${folder}/letters.ts`;
const links = `${folder}/links.ts`;
const markup = `${folder}/markup.ts`;
const phrases = `${folder}/phrases.ts`;
const rates = `${folder}/rates.ts`;
const repeats = `${folder}/repeats.ts`;
const scan = `${folder}/scan.ts`;
const screens = `${folder}/screens.ts`;
const stamp = `${folder}/stamp.ts`;
const stuffing = `${folder}/stuffing.ts`;
const wording = `${folder}/wording.ts`;
const browser = "src/browser/screens.ts";

const of = (name: string) => (test: string) => `${folder}/${name}.test.ts > ${test}`;
const altchaTest = of("altcha");
const captchaTest = of("captcha");
const contentTest = of("content");
const dutyTest = of("captcha-duty");
const memoryTest = of("memory");
const ratesTest = of("rates");
const screensTest = of("screens");
const pageTest = "test/screens/page.test.ts > screens.js gives the form a stamp and a field";
const gatewayTest = (test: string) => `test/screens/quarantine.test.ts > ${test}`;
const providerTest = (test: string) => `test/screens/captcha.test.ts > ${test}`;
const intakeTest = of("in-intake");
const conformance = "test/conformance/sqlite-ledger.test.ts";

const traps: readonly Defence[] = [
  {
    name: "honeypot",
    file: screens,
    take: "screenHoneypots(formData, settings.honeypots),",
    put: "null,",
    tests: [gatewayTest("a filled honeypot quarantines")],
  },
  {
    name: "honeypot: what a password manager put there is no proof",
    file: honeypot,
    take: "return byAutofill",
    put: "return byAutofill && false",
    tests: [gatewayTest("a filled honeypot quarantines")],
  },
  {
    name: "honeypot: the message in it is a bot's",
    file: honeypot,
    take: ' || (holds === "message" && name !== "subject")',
    put: "",
    tests: [screensTest("a honeypot that repeats what a password manager knows")],
  },
  {
    name: "honeypot: an empty one leaves no trace",
    file: screens,
    take: "else if (tokens.has(field) || textOf(value) === null) aside[field] = value;",
    put: "else if (tokens.has(field)) aside[field] = value;",
    tests: [gatewayTest("a filled honeypot quarantines")],
  },
  {
    name: "honeypot: hidden on the page that says what to correct",
    file: screens,
    take: "return screens.honeypots.some((name) => canonicalName(name) === canonicalName(field));",
    put: "return screens.honeypots.length < 0 && field === canonicalName(field);",
    tests: [gatewayTest("a page that says what to correct shows nobody")],
  },
  {
    name: "honeypot: no autofill",
    file: browser,
    take: 'input.autocomplete = "off";',
    put: "",
    tests: [pageTest],
  },
  {
    name: "honeypot: no password manager",
    file: browser,
    take: '["1p-ignore", "lpignore", "bwignore", "protonpass-ignore"]',
    put: "[]",
    tests: [pageTest],
  },
  {
    name: "honeypot: no Dashlane",
    file: browser,
    take: 'input.setAttribute("data-form-type", "other");',
    put: "",
    tests: [pageTest],
  },
  { name: "honeypot: no keyboard", file: browser, take: "input.tabIndex = -1;", put: "", tests: [pageTest] },
  {
    name: "honeypot: no screen reader",
    file: browser,
    take: 'box.setAttribute("aria-hidden", "true");',
    put: "",
    tests: [pageTest],
  },
  {
    name: "honeypot: out of sight",
    file: browser,
    take: "left:-9999px;",
    put: "",
    tests: [pageTest],
  },
];

const stamps: readonly Defence[] = [
  {
    name: "stamp: too fast",
    file: stamp,
    take: "if (tookMs < instantMs) return",
    put: "if (tookMs < 0) return",
    tests: [screensTest("a form filled in at a person's speed says nothing")],
  },
  {
    name: "stamp: hasty",
    file: stamp,
    take: "if (tookMs < hastyMs) return",
    put: "if (tookMs < 0) return",
    tests: [screensTest("a form filled in at a person's speed says nothing")],
  },
  {
    name: "stamp: too old",
    file: stamp,
    take: "if (tookMs > oldMs) return",
    put: "if (tookMs < 0) return",
    tests: [screensTest("a form filled in at a person's speed says nothing")],
  },
  {
    name: "stamp: forged",
    file: stamp,
    take: 'if (ours === undefined) return { type: "forged" };',
    put: 'if (ours === undefined) return { type: "shown", at: Number(at), repeated: false };',
    tests: [screensTest("a stamp of another form, of nobody or of another secret is forged")],
  },
  {
    name: "stamp: another form's",
    file: stamp,
    take: `.update(\`\${form}.\${text}\`)`,
    put: `.update(\`\${form.length * 0}.\${text}\`)`,
    tests: [screensTest("a stamp of another form, of nobody or of another secret is forged")],
  },
  {
    name: "stamp: under an older secret it is good",
    file: stamp,
    take: ".map((_, i) => signature(i, form,",
    put: ".map(() => signature(0, form,",
    tests: [screensTest("a stamp of another form, of nobody or of another secret is forged")],
  },
  {
    name: "stamp: replayed",
    file: stamp,
    take: "repeated: used.add(ours, now())",
    put: "repeated: used.add(ours, now()) && false",
    tests: [screensTest("a stamp that was used says so")],
  },
  {
    name: "stamp: good again when the lead was not kept",
    file: screens,
    take: "          forgetStamp();\n",
    put: "",
    tests: [screensTest("a stamp that was used says so")],
  },
  {
    name: "stamp: missing where one is expected",
    file: screens,
    take: "(expectStamp ? stampMissing : null)",
    put: "null",
    tests: [screensTest("a form without one gets through")],
  },
  {
    name: "stamp: missing where none is expected is nothing",
    file: screens,
    take: "(expectStamp ? stampMissing : null)",
    put: "stampMissing",
    tests: [screensTest("a form without one gets through")],
  },
  {
    name: "stamp: a page's own clock is only a hint",
    file: stamp,
    take: "points: 3, message: \"by the page's own clock",
    put: "points: 10, message: \"by the page's own clock",
    tests: [screensTest("a form without one gets through")],
  },
  {
    name: "stamp: a clock that was set holds nobody back",
    file: stamp,
    take: "if (tookMs < 0) return read.repeated ? stampRepeated : null;",
    put: "",
    tests: [screensTest("a stamp from a time to come")],
  },
  {
    name: "stamp: large bodies are not remembered with it",
    file: stamp,
    take: "used.add(ours, now())",
    put: "used.add(mac, now())",
    tests: [memoryTest("of a post with a large body nothing large stays")],
  },
  {
    name: "stamp: what is remembered is bounded",
    file: `${folder}/seen.ts`,
    take: "if (until.size > most) forgetOldest();",
    put: "if (until.size < 0) forgetOldest();",
    tests: [memoryTest("what is remembered stays bounded")],
  },
];

const captchas: readonly Defence[] = [
  {
    name: "captcha: missing",
    file: screens,
    take: "? { finding: captchaMissing, awaited: null, forget: nothing }",
    put: "? { finding: null, awaited: null, forget: nothing }",
    tests: [providerTest("a bad, an old and a missing token are quarantined")],
  },
  {
    name: "captcha: a wrong token",
    file: captcha,
    take: "reason: isOld ? expired : failed };",
    put: "reason: isOld ? expired : lowScore };",
    tests: [captchaTest("a token it knows passes, a wrong one does not")],
  },
  {
    name: "captcha: a wrong token lets nothing go on",
    file: captcha,
    take: '  return { type: "failed", reason: isOld ? expired : failed };',
    put: '  return isOld || expired || failed ? { type: "passed" } : { type: "passed" };',
    tests: [providerTest("a bad, an old and a missing token are quarantined")],
  },
  {
    name: "captcha: until its provider has answered nothing goes on",
    file: screens,
    take: " || captcha.awaited !== null",
    put: "",
    tests: [providerTest("no visitor waits for a provider that hangs")],
  },
  {
    name: "captcha: Turnstile's and reCAPTCHA's old or used token",
    file: captcha,
    take: "timeout-or-duplicate|",
    put: "",
    tests: [captchaTest("a token that is too old or was used before")],
  },
  {
    name: "captcha: hCaptcha's old token",
    file: captcha,
    take: "expired-input-response|",
    put: "",
    tests: [captchaTest("a token that is too old or was used before")],
  },
  {
    name: "captcha: hCaptcha's used token",
    file: captcha,
    take: "(?:invalid-or-)?already-seen-response",
    put: "never",
    tests: [captchaTest("a token that is too old or was used before")],
  },
  {
    name: "captcha: one token lets one lead go on",
    file: captcha,
    take: "const isOld = codes.some(",
    put: 'if (codes.some((code) => code.includes("duplicate") || code.includes("seen"))) return { type: "passed" };\n  const isOld = codes.some(',
    tests: [providerTest("one token lets one lead go on")],
  },
  {
    name: "captcha: solved on another site",
    file: captcha,
    take: "return origins.some((origin) => URL.parse(origin)?.hostname === hostname.toLowerCase());",
    put: "return true;",
    tests: [captchaTest("a token given out on another site does not pass")],
  },
  {
    name: "captcha: solved on another site than this form's",
    file: duty,
    take: "await response.json().catch(() => null), origins);",
    put: "await response.json().catch(() => null), origins.slice(0, 0));",
    tests: [dutyTest("a token that was given out on another page")],
  },
  {
    name: "captcha: solved for another action",
    file: captcha,
    take: "action !== captcha.action) return false;",
    put: "action !== captcha.action) return true;",
    tests: [captchaTest("a token for another action does not pass")],
  },
  {
    name: "captcha: reCAPTCHA's low score",
    file: captcha,
    take: "answer.score >= captcha.minScore",
    put: "answer.score >= 0",
    tests: [captchaTest("a low score of version 3 does not pass")],
  },
  {
    name: "captcha: provider down is no verdict",
    file: captcha,
    take: ' || typeof answer.success !== "boolean"',
    put: "",
    tests: [captchaTest("what is no verdict is none")],
  },
  {
    name: "captcha: provider down is asked again",
    file: duty,
    take: "await ledger.putOffCaptchaCheck(lead.id, now() + waitMs);",
    put: "await settle(check, withReason(known, captchaUnavailable), false);",
    tests: [dutyTest("while the token is good a provider that is away is asked again")],
  },
  {
    name: "captcha: provider down too long is a person's to judge",
    file: duty,
    take: "if (now() + waitMs >= goodUntil) await settle(check, withReason(known, captchaUnavailable), false);",
    put: "if (now() + waitMs >= goodUntil) await settle(check, known, true);",
    tests: [dutyTest("once the token is too old it is a person's to judge")],
  },
  {
    name: "captcha: a wrong secret of ours is no visitor's fault",
    file: captcha,
    take: 'if (codes.some((code) => code.includes("secret"))) return',
    put: 'if (codes.some((code) => code.includes("never"))) return',
    tests: [captchaTest("a secret it does not know is nobody's fault")],
  },
  {
    name: "captcha: asked about again after a restart",
    file: duty,
    take: "    start(): void {\n      wake();",
    put: "    start(): void {\n      if (stopped) wake();\n      return;",
    tests: [providerTest("a gateway that ended before the provider answered")],
  },
  {
    name: "captcha: a passed one does not outweigh other signs",
    file: duty,
    take: "const release = known.score < (screens?.quarantineAt ?? 0);",
    put: "const release = known.score < Number.POSITIVE_INFINITY;",
    tests: [providerTest("other signs of spam outweigh a captcha that passed")],
  },
];

const proofs: readonly Defence[] = [
  {
    name: "proof of work: not done",
    file: altcha,
    take: ` || sha256(\`\${salt}\${number}\`) !== challenge`,
    put: "",
    tests: [altchaTest("a number that is not the one looked for")],
  },
  {
    name: "proof of work: wrong signature",
    file: altcha,
    take: "return own.length === mac.length && timingSafeEqual(own, mac);",
    put: "return own.length !== mac.length || timingSafeEqual(own, own);",
    tests: [altchaTest("a task somebody else set, or nobody signed")],
  },
  {
    name: "proof of work: expired",
    file: altcha,
    take: "if (Number(expires) * 1_000 < now()) return expired;",
    put: "",
    tests: [altchaTest("a solution is good for an hour")],
  },
  {
    name: "proof of work: prolonged by digits of the number",
    file: altcha,
    take: `if (!expires || !salt.endsWith(\`&form=\${form}&\`) || given.algorithm !== "SHA-256") return wrong;`,
    put: `if (given.algorithm !== "SHA-256") return wrong;`,
    tests: [altchaTest("digits moved from the number into the salt")],
  },
  {
    name: "proof of work: another form's",
    file: altcha,
    take: ` || !salt.endsWith(\`&form=\${form}&\`)`,
    put: "",
    tests: [altchaTest("a number that is not the one looked for")],
  },
  {
    name: "proof of work: replayed",
    file: altcha,
    take: "return used.add(challenge, now()) ? repeated : null;",
    put: "return used.add(challenge, now()) ? null : null;",
    tests: [altchaTest("a solution is good once")],
  },
  {
    name: "proof of work: good again when the lead was not kept",
    file: altcha,
    take: 'forget: (payload: string): void => used.forget(parsed(payload)?.challenge ?? ""),',
    put: 'forget: (payload: string): void => used.forget(parsed(payload)?.salt ?? ""),',
    tests: [altchaTest("a solution is good once")],
  },
  {
    name: "proof of work: missing",
    file: altcha,
    take: "if (payload === null) return missing;",
    put: "if (payload === null) return null;",
    tests: [altchaTest("a number that is not the one looked for")],
  },
];

const contents: readonly Defence[] = [
  {
    name: "link density",
    file: links,
    take: "if (count < 2) return null;",
    put: "if (count > 1) return null;",
    tests: [contentTest("one link says nothing")],
  },
  {
    name: "link density: more link than text",
    file: links,
    take: "characters * 2 > text.length ? 2 : 0",
    put: "characters * 2 > text.length ? 0 : 0",
    tests: [contentTest("one link says nothing")],
  },
  {
    name: "a link for a name",
    file: links,
    take: 'field.holds === "name" && text.includes(".")',
    put: 'field.holds === "page" && text.includes(".")',
    tests: [contentTest("a web address for a name")],
  },
  {
    name: "script density: links as HTML or BBCode",
    file: markup,
    take: "if (links === 1) return",
    put: "if (links > 1) return",
    tests: [contentTest("links as HTML or BBCode, script and probes")],
  },
  {
    name: "script density: script and probes",
    file: markup,
    take: "if (!isScript && !probe.test(prose)) return null;",
    put: "if (prose !== null) return null;",
    tests: [contentTest("links as HTML or BBCode, script and probes")],
  },
  {
    name: "script density: feet and hearts are none",
    file: markup,
    take: "'?\\d{1,9}'?\\s{0,9}=|",
    put: "'?\\d|",
    tests: [contentTest("feet, hearts, prices and paths are no code")],
  },
  {
    name: "disguise: letters of another alphabet",
    file: letters,
    take: "mixedWords(prose) >= 2",
    put: "mixedWords(prose) < 0",
    tests: [contentTest("words of two alphabets mixed are disguised")],
  },
  {
    name: "disguise: invisible characters",
    file: letters,
    take: "(prose.match(invisible)?.length ?? 0) >= 5",
    put: "(prose.match(invisible)?.length ?? 0) < 0",
    tests: [contentTest("invisible characters between letters")],
  },
  {
    name: "disguise: letters in another dress",
    file: scan,
    take: 'return ornate.test(plain) ? plain.normalize("NFKC").toLowerCase() : plain;',
    put: "return ornate.test(plain) ? plain : plain;",
    tests: [contentTest("offers are seen at the end of a text")],
  },
  {
    name: "disguise: broken over lines, joined by hyphens",
    file: phrases,
    take: "} else if (code !== hyphen) {",
    put: "} else if (code !== space) {\n      return false;\n    } else if (code !== hyphen) {",
    tests: [contentTest("offers are seen at the end of a text")],
  },
  {
    name: "script of other peoples: spaces without width are no disguise",
    file: letters,
    take: "/(?<=[a-z\\u00c0-\\u04ff])[\\u00ad\\u200b\\u2060\\ufeff](?=[a-z\\u00c0-\\u04ff])/gi",
    put: "/[\\u00ad\\u200b\\u2060\\ufeff]/g",
    tests: [contentTest("invisible characters between letters")],
  },
  {
    name: "letters thrown together",
    file: letters,
    take: "if (!oneWord.test(trimmed)) return false;",
    put: "if (!oneWord.test(trimmed) || trimmed) return false;",
    tests: [contentTest("letters thrown together are no name")],
  },
  {
    name: "the same in field after field",
    file: stuffing,
    take: "if (most >= 3) return",
    put: "if (most < 0) return",
    tests: [contentTest("the same text in the name and two more fields")],
  },
  {
    name: "surnames made of first names are names",
    file: stuffing,
    take: "!surnameEndings.has(last.slice(first.length))",
    put: "(surnameEndings.size > 0 || isDoubled)",
    tests: [contentTest("the same text in the name and two more fields")],
  },
  {
    name: "disposable domains",
    file: `${folder}/disposable.ts`,
    take: "disposableDomains.has(domain) ||",
    put: "",
    tests: [contentTest("throw-away addresses are known by their domain")],
  },
  {
    name: "disposable domains: what is below them",
    file: `${folder}/disposable.ts`,
    take: "disposableDomains.has(parent) ||",
    put: "",
    tests: [contentTest("throw-away addresses are known by their domain")],
  },
  {
    name: "wording",
    file: wording,
    take: "if (phrases.length === 0) return [];",
    put: "if (phrases.length >= 0) return [];",
    tests: [
      contentTest("offers are seen at the end of a text"),
      "test/screens/corpus.test.ts > most spam is held back",
    ],
  },
  {
    name: "wording: one word is talk, not an offer",
    file: wording,
    take: "if (sum < least) sums.delete(topic);",
    put: "if (sum < 0) sums.delete(topic);",
    tests: [contentTest("one plain word of a topic is talk of it")],
  },
  {
    name: "wording: an offer with a link to it",
    file: wording,
    take: "if (hasLink && isOffer) reasons.push(offerWithLink);",
    put: "if (hasLink && isOffer) reasons.push();",
    tests: [contentTest("an offer with a link to it, and for a name")],
  },
  {
    name: "wording: asking for an offer is none",
    file: wording,
    take: '(sums.get("pitch") ?? 0) >= manner &&',
    put: "",
    tests: [contentTest("an offer with a link to it, and for a name")],
  },
  {
    name: "wording: no topic alone is enough",
    file: wording,
    take: "Math.min(most[topic], sum)",
    put: "sum * most[topic]",
    tests: [screensTest("no single sign in what was typed holds a lead back")],
  },
  {
    name: "repeated text",
    file: repeats,
    take: "return entry.people.size > many",
    put: "return entry.people.size < 0",
    tests: [screensTest("the same long text from several people is a hint")],
  },
  {
    name: "repeated text: a person may repeat themselves",
    file: repeats,
    take: 'entry.people.add(person ?? "");',
    put: "entry.people.add(String([person, entry.people.size]));",
    tests: [screensTest("the same long text from several people is a hint")],
  },
  {
    name: "repeated text: a page's text for everybody is no more than a hint",
    file: repeats,
    take: 'code: "repeated_text", points: 4',
    put: 'code: "repeated_text", points: 10',
    tests: [screensTest("what many people's page wrote into their message")],
  },
  {
    name: "repeated text: what is remembered is bounded",
    file: repeats,
    take: "if (texts.size > mostTexts) {",
    put: "if (texts.size < 0) {",
    tests: [memoryTest("what is remembered stays bounded")],
  },
  {
    name: "what is looked at is bounded: fields",
    file: `${folder}/screened.ts`,
    take: "const mostTexts = 50;",
    put: "const mostTexts = Number.POSITIVE_INFINITY;",
    tests: [contentTest("of fields without end, and of a text without end")],
  },
  {
    name: "what is looked at is bounded: texts",
    file: `${folder}/screened.ts`,
    take: "const longestText = 10_000;",
    put: "const longestText = Number.POSITIVE_INFINITY;",
    tests: [contentTest("of fields without end, and of a text without end")],
  },
];

const floods: readonly Defence[] = [
  {
    name: "rate from one address: quarantine",
    file: rates,
    take: "if (here >= limits.addressQuarantine) return",
    put: "if (here < 0) return",
    tests: [ratesTest("many are quarantined long before they are refused")],
  },
  {
    name: "rate from one address: an office gets through",
    file: rates,
    take: "addressQuarantine: 60,",
    put: "addressQuarantine: 20,",
    tests: [ratesTest("an office of forty that sends at once")],
  },
  {
    name: "rate from one address: a few points first",
    file: rates,
    take: "if (here >= limits.addressSuspect) return",
    put: "if (here >= limits.addressSuspect) return null && ",
    tests: [ratesTest("an office of forty that sends at once")],
  },
  {
    name: "rate to one form: quarantine",
    file: rates,
    take: "if (everywhere >= limits.formQuarantine) return",
    put: "if (everywhere < 0) return",
    tests: [ratesTest("many get a few points, more are quarantined")],
  },
  {
    name: "rate to one form: quarantine long before it refuses",
    file: rates,
    take: "formQuarantine: form / 2,",
    put: "formQuarantine: form,",
    tests: [ratesTest("many get a few points, more are quarantined")],
  },
  {
    name: "rate to one form: only that form",
    file: rates,
    take: "forms.add(form, now);",
    put: 'forms.add("other", now);',
    tests: [ratesTest("another form is not concerned")],
  },
  {
    name: "the ceiling",
    file: rates,
    take: "if (!isOver) return null;",
    put: "return null;",
    tests: [gatewayTest("a ceiling refuses with 429")],
  },
  {
    name: "the ceiling: it says how long to wait",
    file: rates,
    take: "return Math.floor(waitMs / 1_000) + 1;",
    put: "return Math.min(1, waitMs);",
    tests: [ratesTest("who waits as long as told is not refused again")],
  },
  {
    name: "the ceiling: only what was kept counts",
    file: "src/intake/intake.ts",
    take: "        verdict.kept();\n",
    put: "",
    tests: [gatewayTest("the same submission sent again does not count")],
  },
  {
    name: "rates: an address of IPv6 is its network",
    file: `${folder}/sender.ts`,
    take: ".slice(0, 4).join",
    put: ".join",
    tests: [gatewayTest("a ceiling refuses with 429")],
  },
  {
    name: "rates: what comes through a proxy nobody told of is not counted as one",
    file: `${folder}/sender.ts`,
    take: "if (!trustsProxy && (unshared.test(plain)",
    put: "if (trustsProxy && (unshared.test(plain)",
    tests: [gatewayTest("without any configuration a plain post by a script")],
  },
  {
    name: "rates: what is remembered is bounded",
    file: counts,
    take: "if (counts.size <= mostKeys) return;",
    put: "if (counts.size >= 0) return;",
    tests: [memoryTest("what is remembered stays bounded")],
  },
];

const quarantine: readonly Defence[] = [
  {
    name: "quarantined: delivered nowhere",
    file: "src/intake/compose-lead.ts",
    take: 'state: verdict.quarantined ? "quarantined" : "active",',
    put: 'state: "active",',
    tests: [intakeTest("suspected spam is kept, withheld from every destination")],
  },
  {
    name: "quarantined: held back again right before an attempt",
    file: "src/delivery/admission.ts",
    take: 'if (lead.state === "quarantined" && delivery.event !== "consent.withdrawn")',
    put: 'if (lead.state === "erased" && delivery.event !== "consent.withdrawn")',
    tests: ["test/screens/held-back.test.ts > what a lane had taken when its lead was held back"],
  },
  {
    name: "quarantined: answered like any other",
    file: "src/intake/intake.ts",
    take: "return acceptedReply(exchange,",
    put: "if (verdict.quarantined) return refusedReply(exchange, tooMany);\n    return acceptedReply(exchange,",
    tests: [intakeTest("suspected spam is kept, withheld from every destination")],
  },
  {
    name: "quarantined: a screen that throws costs no lead",
    file: "src/intake/intake.ts",
    take: 'options.warn?.("internal", "the screens for spam failed; the lead was taken unscreened", error);',
    put: "throw error;",
    tests: [intakeTest("a screen that throws costs no lead")],
  },
  {
    name: "quarantined: never deleted by itself before its time",
    file: "src/model/retention.ts",
    take: "quarantine: { days: 30 }",
    put: "quarantine: { days: 1 }",
    tests: ["test/privacy/retention.test.ts > by default leads are kept, suspected spam ends after 30 days"],
  },
  {
    name: "quarantined: what a person put there stays for as long from then on",
    file: "src/ledger/sqlite/expiries.ts",
    take: 'const isHeld = state === "quarantined" && heldSince.get(id, before) !== undefined;',
    put: 'const isHeld = state === "erased" && heldSince.get(id, before) !== undefined;',
    tests: [conformance],
  },
  {
    name: "released: delivered",
    file: "src/ledger/sqlite/releases.ts",
    take: "      release.run(now, id);\n",
    put: "",
    tests: [gatewayTest("suspected spam gets the very answer a person gets")],
  },
  {
    name: "released: what was removed is delivered again",
    file: "src/ledger/sqlite/releases.ts",
    take: "        redeliveries.again(id, destination, person, now);\n",
    put: "",
    tests: [gatewayTest("spam after all: what waits is withheld, and on request removed")],
  },
  {
    name: "spam after all: what waits stays here",
    file: "src/ledger/sqlite/quarantines.ts",
    take: "        withhold.run(reason.message, id);\n",
    put: "",
    tests: [gatewayTest("spam after all: what has not left stays here"), conformance],
  },
  {
    name: "spam after all: on request undone",
    file: "src/privacy/spam-desk.ts",
    take: "followUps: (record) => (undo ? erasureFollowUps(record, destinations) : []),",
    put: "followUps: (record) => (undo ? [] : erasureFollowUps(record, []).slice(0, 0)),",
    tests: [gatewayTest("spam after all: what waits is withheld, and on request removed")],
  },
  {
    name: "spam after all: not undone unless asked",
    file: "src/privacy/spam-desk.ts",
    take: "followUps: (record) => (undo ? erasureFollowUps(record, destinations) : []),",
    put: "followUps: (record) => erasureFollowUps(record, destinations),",
    tests: [gatewayTest("spam after all: what has not left stays here")],
  },
  {
    name: "spam after all: only by who may operate",
    file: "src/server/api/leads.ts",
    take: '  ...needs("operate"),\n  request: { params: leadParams, ...takes(z.strictObject({ undo:',
    put: '  ...needs("read"),\n  request: { params: leadParams, ...takes(z.strictObject({ undo:',
    tests: [gatewayTest("only who may operate holds leads back")],
  },
];

/** What keeps spam from the destinations, and people from being taken for it. */
export const spam: readonly Defence[] = [
  ...traps,
  ...stamps,
  ...captchas,
  ...proofs,
  ...contents,
  ...floods,
  ...quarantine,
];
