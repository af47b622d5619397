import { z } from "@hono/zod-openapi";

/**
 * What a caller may do. `read`: see everything, personal data masked; `read_personal`: unmasked; `operate`: send again, stop, pause,
 * release, note work and consents; `erase`: export a person, erase, delete quarantined leads; `manage`: people and tokens.
 */
export const permissions = ["read", "read_personal", "operate", "erase", "manage"] as const;
export const permission = z.enum(permissions).openapi("Permission");
export type Permission = z.infer<typeof permission>;

export const roles = ["owner", "operator", "viewer"] as const;
export const role = z.enum(roles).openapi("Role");
export type Role = z.infer<typeof role>;

/** What each role may do. */
export const permissionsOf: Record<Role, readonly Permission[]> = {
  owner: permissions,
  operator: ["read", "read_personal", "operate", "erase"],
  viewer: ["read"],
};

/** What `LEADKEEP_API_TOKEN` may do: everything but people and tokens. */
export const environmentTokenPermissions: readonly Permission[] = permissionsOf.operator;

/**
 * The part of a route that says what a caller needs for it. The document shows it, and the guard asks for it: a route without
 * one is answered to nobody.
 */
export function needs(permission: Permission) {
  return { security: [{ session: [permission] }, { token: [permission] }] };
}

/** A route for callers who are signed in, whatever they may do. */
export const signedIn = { security: [{ session: [] }, { token: [] }] };

/** A route for everybody. */
export const open = { security: [] };
