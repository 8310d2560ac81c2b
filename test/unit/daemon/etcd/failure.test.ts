import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { failureOf, untried } from "../../../../src/daemon/etcd/failure.ts";

const asked = { url: "https://a:2379", timeoutMs: 833.3, user: "hb" };

function sentence(code: status, details: string): string {
  return failureOf({ code, details }, asked).sentence.replace("https://a:2379 ", "");
}

test.each([
  ["ECONNREFUSED 10.0.0.1:2379", "refuses the connection"],
  ["read ECONNRESET (2026-11-21T04:21:21.332Z)", "broke the connection off"],
  [
    "No connection established. Last error: odd (2026-11-21T04:21:21.332Z)",
    "cannot be reached: odd",
  ],
  ["EHOSTUNREACH 10.0.0.1:2379", "cannot be reached: there is no way to it"],
  ["connect ETIMEDOUT", "cannot be reached: nothing answers there"],
  ["Name resolution failed for target dns:a:2379", "cannot be found: its name has no address"],
  ["etcdserver: no leader", "has no leader: a majority of its members is missing"],
  [
    "No connection established. Last error: Error: self-signed certificate in certificate chain. Resolution note: ",
    "has a bad certificate: Error: self-signed certificate in certificate chain",
  ],
  [
    "SSL routines:tls_validate_record_header:wrong version number",
    "does not speak TLS: write http://",
  ],
  ["something\nelse\u{7}", "cannot be reached: something else"],
])("what is not answered because of %j may be answered by another member", (details, says) => {
  expect(failureOf({ code: status.UNAVAILABLE, details }, asked).kind).toBe("silent");
  expect(sentence(status.UNAVAILABLE, details)).toBe(says);
});

test.each([
  [status.NOT_FOUND, "etcdserver: requested lease not found", "no-lease"],
  [status.UNAUTHENTICATED, "etcdserver: invalid auth token", "stale-token"],
  [status.INVALID_ARGUMENT, "etcdserver: revision of auth store is old", "stale-token"],
  [status.DEADLINE_EXCEEDED, "Deadline exceeded", "silent"],
  [status.PERMISSION_DENIED, "etcdserver: permission denied", "refused"],
  [status.UNIMPLEMENTED, "unknown service", "refused"],
] as const)("%d with %j is %s", (code, details, kind) => {
  expect(failureOf({ code, details }, asked).kind).toBe(kind);
});

test("a sentence says what to do, and stays short", () => {
  expect(sentence(status.DEADLINE_EXCEEDED, "")).toBe("did not answer within 833 ms");
  const code = status.FAILED_PRECONDITION;
  expect(sentence(code, "etcdserver: authentication is not enabled")).toContain(
    "leave out witness_auth",
  );
  expect(sentence(status.INTERNAL, "x".repeat(500)).length).toBeLessThan(140);
  expect(untried("etcd", new Error("ENOENT: no such file")).sentence).toBe(
    "etcd cannot be asked: ENOENT: no such file",
  );
});
