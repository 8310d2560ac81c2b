/**
 * Why etcd could not be asked, or would not answer: for the one who asks, and as a sentence.
 */
import { status } from "@grpc/grpc-js";

export interface Failure {
  readonly kind: FailureKind;
  /** One, without an end: `https://etcd1:2379 refuses the connection`. */
  readonly sentence: string;
}

type FailureKind =
  /** Nothing was answered: another member may. */
  | "silent"
  /** The lease has run out, or was taken back. */
  | "no-lease"
  /** The token is too old: log in again. */
  | "stale-token"
  | "refused";

/** As gRPC has it: a code, and what etcd or this machine says about it. */
export interface GrpcError {
  readonly code: status;
  readonly details: string;
}

export interface Asked {
  readonly url: string;
  readonly timeoutMs: number;
  readonly user: string | undefined;
}

export function failureOf({ code, details }: GrpcError, asked: Asked): Failure {
  const { url, user = "nobody" } = asked;
  const failure = (kind: FailureKind, says: string): Failure => ({
    kind,
    sentence: `${url} ${says}`,
  });
  if (code === status.DEADLINE_EXCEEDED) {
    return failure("silent", `did not answer within ${Math.round(asked.timeoutMs)} ms`);
  }
  if (code === status.UNAVAILABLE) return failure("silent", unreachable(details));
  const said = details.replace(/^etcdserver: /, "");
  if (said.includes("lease not found")) return failure("no-lease", "has no such lease");
  if (code === status.UNAUTHENTICATED || /invalid auth token|auth store is old/.test(said)) {
    return failure("stale-token", "does not accept the login");
  }
  if (said.includes("authentication failed")) {
    return failure("refused", `does not accept the user ${user} with this password`);
  }
  if (said.includes("authentication is not enabled")) {
    return failure("refused", "has no authentication enabled: leave out witness_auth");
  }
  if (said.includes("user name is empty")) {
    return failure("refused", "wants a login: write witness_auth");
  }
  if (code === status.PERMISSION_DENIED) {
    return failure("refused", `denies ${user} the key: grant it the prefix understudy/vote/`);
  }
  return failure("refused", `answered: ${short(said)}`);
}

/** Of what could not be tried at all: a file that cannot be read, a certificate that is none. */
export function untried(url: string, error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: "refused", sentence: `${url} cannot be asked: ${short(reason)}` };
}

/** By the words of Node's errors, which gRPC quotes. */
function unreachable(details: string): string {
  for (const [word, says] of reasons) if (word.test(details)) return says;
  // Without the moment, which would make news of every time that it is asked.
  const undated = details.replaceAll(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, "");
  const [, last = undated] = /Last error: (.*?)(?:\.? Resolution note:|$)/s.exec(undated) ?? [];
  if (/certificate|altnames|issuer/i.test(last)) return `has a bad certificate: ${short(last)}`;
  return `cannot be reached: ${short(last)}`;
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "refuses the connection"],
  [/ECONNRESET|EPIPE|socket hang up/, "broke the connection off"],
  [/EHOSTUNREACH|ENETUNREACH/, "cannot be reached: there is no way to it"],
  [/ETIMEDOUT/, "cannot be reached: nothing answers there"],
  [/ENOTFOUND|EAI_AGAIN|[Nn]ame resolution/, "cannot be found: its name has no address"],
  [/wrong version number|packet length too long/, "does not speak TLS: write http://"],
  [/no leader/, "has no leader: a majority of its members is missing"],
  [/certificate required|bad certificate/, "wants a certificate of this node: write witness_cert"],
];

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll(/\p{C}/gu, "").trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
