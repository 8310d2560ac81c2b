/**
 * What can be asked of a running daemon: HTTP over the unix socket `<run-dir>/control`.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
}

export type RouteName =
  | "status"
  | "history"
  | "settings"
  | "takeover"
  | "standby"
  | "confirm"
  | "maintenance"
  | "restart";

export type RouteFault =
  /** HTTP 404 */
  | { readonly type: "unknown-path"; readonly message: string }
  /** HTTP 405; `allow` is the header of RFC 9110 §10.2.1. */
  | { readonly type: "wrong-method"; readonly allow: Route["method"]; readonly message: string };

/** The socket's name in the run directory: root's, for everything. */
export const socketName = "control";
/** The other one, where the group is that may ask, and command nothing: `GET` only. */
export const readersSocketName = "status";

/**
 * The header with the moment after which nobody waits for a command any more: milliseconds of the
 * clock that counts from the boot of the machine (CLOCK_BOOTTIME). Without it a command is always in
 * time.
 */
export const expiryHeader = "understudy-expires";

/**
 * Whether a command comes too late: a daemon that was frozen finds what was reported as failed long
 * ago in its socket. What is no moment is refused too, for nobody knows what was meant.
 *
 * @param header - the {@link expiryHeader}, as it came
 * @param now - in milliseconds since boot
 */
export function isExpired(header: string | readonly string[] | undefined, now: number): boolean {
  if (header === undefined) return false;
  return !(typeof header === "string" && /^\d+(?:\.\d+)?$/u.test(header) && now <= Number(header));
}

export const routes: { readonly [N in RouteName]: Route } = {
  status: { method: "GET", path: "/v1/status" },
  history: { method: "GET", path: "/v1/history" },
  settings: { method: "GET", path: "/v1/settings" },
  takeover: { method: "POST", path: "/v1/takeover" },
  standby: { method: "POST", path: "/v1/standby" },
  confirm: { method: "POST", path: "/v1/confirm" },
  maintenance: { method: "POST", path: "/v1/maintenance" },
  restart: { method: "POST", path: "/v1/restart" },
};

const names: readonly RouteName[] = [
  "status",
  "history",
  "settings",
  "takeover",
  "standby",
  "confirm",
  "maintenance",
  "restart",
];

/**
 * Which route a request means.
 *
 * @param target - as in the request line; a query is ignored
 */
export function routeOf(method: string, target: string): Result<RouteName, RouteFault> {
  const path = target.split("?", 1)[0];
  const name = names.find((each) => routes[each].path === path);
  if (name === undefined) {
    const known = names.map((each) => routes[each].path).join(", ");
    return fail({ type: "unknown-path", message: `no such path: there are ${known}` });
  }
  const allow = routes[name].method;
  if (method === allow) return ok(name);
  return fail({ type: "wrong-method", allow, message: `${routes[name].path} wants ${allow}` });
}
