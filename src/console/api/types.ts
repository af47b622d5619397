import type { InferRequestType, InferResponseType } from "hono/client";
import type { api } from "./client.ts";

/** What the API answers, read off its routes. Times are ISO 8601, UTC. */
type Answer<Route> = InferResponseType<Route>;

export type Session = Answer<typeof api.session.$get>;
export type Permission = Session["permissions"][number];
export type Role = NonNullable<Session["person"]>["role"];
/** Which ways to sign in there are: the one admin password, or an e-mail with a password of one's own. */
export type Login = Session["login"];

export type Overview = Answer<typeof api.overview.$get>;
export type Trouble = Overview["troubles"][number];

export type LeadsPage = Answer<typeof api.leads.$get>;
export type LeadRow = LeadsPage["leads"][number];
export type LeadsQuery = InferRequestType<typeof api.leads.$get>["query"];
/** Which leads to list, as the address of the page says it. */
export type LeadsFilter = Omit<LeadsQuery, "before" | "size">;

export type Lead = Answer<(typeof api.leads)[":id"]["$get"]>;
export type LeadState = Lead["state"];
export type Consent = Lead["consents"][number];
export type Delivery = Lead["deliveries"][number];
export type DeliveryState = Delivery["state"];
export type Attempt = Delivery["attempts"][number];
export type Work = Lead["work"];
export type Stage = Work["stage"];
export type Act = Lead["acts"][number];

export type DestinationSummary = Answer<typeof api.destinations.$get>[number];
export type DestinationDetail = Answer<(typeof api.destinations)[":id"]["$get"]>;
export type DestinationState = DestinationSummary["state"];
export type CheckResult = Answer<(typeof api.destinations)[":id"]["check"]["$post"]>[number];
export type DeadLetterGroup = Answer<(typeof api)["dead-letters"]["$get"]>[number];

export type Alerts = Answer<typeof api.alerts.$get>;
export type Alert = Alerts["open"][number];
export type Completeness = Answer<typeof api.verifications.$get>;
export type Verification = NonNullable<Completeness["whole"]>;
export type Standing = Verification["destinations"][number];
export type Verdict = Standing["verdicts"][number]["verdict"];
export type Missing = Answer<(typeof api.verifications)[":id"]["$get"]>["missing"][number];
export type Rhythm = NonNullable<Answer<(typeof api.forms)[":id"]["rhythm"]["$get"]>["rhythm"]>;

export type FormInfo = Answer<typeof api.forms.$get>[number];
export type Person = Answer<typeof api.people.$get>[number];
export type Token = Answer<typeof api.tokens.$get>[number];
export type SetupInfo = Answer<typeof api.setup.$get>;
export type Erased = Answer<typeof api.subjects.erase.$post>;
export type ErasurePlan = Answer<typeof api.subjects.plan.$post>;
