import { expect, test } from "vitest";
import { routeOf } from "../../../src/control/index.ts";

test.each([
  ["GET", "/v1/status", "status"],
  ["GET", "/v1/status?pretty", "status"],
  ["GET", "/v1/history", "history"],
  ["GET", "/v1/settings", "settings"],
  ["POST", "/v1/takeover", "takeover"],
  ["POST", "/v1/standby", "standby"],
  ["POST", "/v1/maintenance", "maintenance"],
  ["POST", "/v1/restart", "restart"],
])("%s %s asks for %s", (method, path, name) => {
  expect(routeOf(method, path)).toEqual({ ok: true, value: name });
});

test("a path that is unknown is told which there are", () => {
  const fault = {
    type: "unknown-path",
    message: expect.stringContaining("/v1/status, /v1/history") as unknown,
  };
  expect(routeOf("GET", "/")).toEqual({ ok: false, error: fault });
  expect(routeOf("GET", "/v1/status/")).toEqual({ ok: false, error: fault });
});

test("nothing is moved by a GET, as a browser or a crawler sends it", () => {
  const fault = { type: "wrong-method", allow: "POST", message: "/v1/takeover wants POST" };
  expect(routeOf("GET", "/v1/takeover")).toEqual({ ok: false, error: fault });
});
