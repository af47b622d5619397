/** Anything JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object, the shape of a submission's fields. */
export type JsonObject = { [key: string]: Json };
