/**
 * Asks an etcd over gRPC: member by member until one answers, each within a time, and never throws.
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { ServiceError } from "@grpc/grpc-js";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import type { WitnessConfig, WitnessEndpoint } from "../../config/index.ts";
import { now } from "../../linux/index.ts";
import type { Result } from "../../std/result.ts";
import { fail, ok } from "../../std/result.ts";
import type { Instant, Millis } from "../../std/time.ts";
import type { Failure } from "./failure.ts";
import { failureOf, untried } from "./failure.ts";
import type { Call } from "./messages.ts";
import { authenticate } from "./messages.ts";
import { readPassword } from "./password.ts";

export interface Etcd {
  /** Asks one member after the other until one answers, beginning with the one that did last. */
  ask<T>(call: Call<T>): Promise<Result<Answer<T>, Failure>>;
  /** What is still unanswered fails at once. */
  close(): void;
}

export interface Answer<T> {
  readonly value: T;
  /** A moment before the request left: what etcd promises for a time counts from here at the earliest. */
  readonly askedAt: Instant;
}

interface Member {
  readonly endpoint: WitnessEndpoint;
  /** Undefined: not connected yet, or given up because it hangs. */
  client: Client | undefined;
}

interface Connection {
  readonly witness: WitnessConfig;
  readonly timeout: Millis;
  readonly members: readonly Member[];
  /** Of a login; the same for all members. */
  token: string | undefined;
  isClosed: boolean;
}

/** @param timeout - for one answer of one member */
export function openEtcd(witness: WitnessConfig, timeout: Millis): Etcd {
  const members = witness.endpoints.map((endpoint) => ({ endpoint, client: undefined }));
  const connection: Connection = { witness, timeout, members, token: undefined, isClosed: false };
  let preferred = 0;
  return {
    async ask(call) {
      let failure = untried("etcd", "no member is named");
      for (let tried = 0; tried < members.length; tried++) {
        const index = (preferred + tried) % members.length;
        const member = connection.members[index];
        if (member === undefined) break;
        const answered = await askMember(connection, member, call);
        if (answered.ok || answered.error.kind !== "silent") {
          preferred = index;
          return answered;
        }
        failure = answered.error;
      }
      return fail(members.length === 1 ? failure : ofAll(failure, members.length));
    },
    close() {
      connection.isClosed = true;
      for (const member of connection.members) dropClient(member);
    },
  };
}

function ofAll(last: Failure, count: number): Failure {
  return { ...last, sentence: `none of ${count} members answers: ${last.sentence}` };
}

async function askMember<T>(
  connection: Connection,
  member: Member,
  call: Call<T>,
): Promise<Result<Answer<T>, Failure>> {
  const { login } = connection.witness;
  if (login === undefined) return attempt(connection, member, call);
  // A token may have become too old since: once more with a new one.
  for (const isLast of [connection.token === undefined, true]) {
    const known = await logIn(connection, member, login);
    if (!known.ok) return known;
    const answered = await attempt(connection, member, call);
    if (answered.ok || answered.error.kind !== "stale-token" || isLast) return answered;
    connection.token = undefined;
  }
  return fail(untried(member.endpoint.url, "no login"));
}

async function logIn(
  connection: Connection,
  member: Member,
  { user, passwordFile }: NonNullable<WitnessConfig["login"]>,
): Promise<Result<undefined, Failure>> {
  if (connection.token !== undefined) return ok(undefined);
  const password = readPassword(passwordFile);
  if (!password.ok) return fail({ kind: "refused", sentence: password.error });
  const answered = await attempt(connection, member, authenticate(user, password.value));
  if (!answered.ok) return answered;
  connection.token = answered.value.value;
  return ok(undefined);
}

async function attempt<T>(
  connection: Connection,
  member: Member,
  call: Call<T>,
): Promise<Result<Answer<T>, Failure>> {
  const { url } = member.endpoint;
  const { witness, timeout, token } = connection;
  if (connection.isClosed) return fail(untried(url, "it is asked no more"));
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("token", token);
  const askedAt = now();
  let answered: Result<T, ServiceError>;
  try {
    member.client ??= newClient(witness, member.endpoint);
    const deadline = Date.now() + timeout;
    answered = await (call.isStream ? sendOnStream : send)(member.client, call, {
      metadata,
      deadline,
    });
  } catch (error) {
    return fail(untried(url, error));
  }
  if (answered.ok) return ok({ value: answered.value, askedAt });
  // A connection that hangs may do so for many minutes, while a new one works at once.
  if (answered.error.code === status.DEADLINE_EXCEEDED) dropClient(member);
  const asked = { url, timeoutMs: timeout, user: witness.login?.user };
  return fail(failureOf(answered.error, asked));
}

interface Sending {
  readonly metadata: Metadata;
  /** In milliseconds since 1970. */
  readonly deadline: number;
}

function send<T>(
  client: Client,
  { path, request, read }: Call<T>,
  { metadata, deadline }: Sending,
): Promise<Result<T, ServiceError>> {
  const boxed = (bytes: Buffer): { readonly value: T } => ({ value: read(bytes) });
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asItIs, boxed, request, metadata, { deadline }, (error, box) => {
      if (box !== undefined) resolve(ok(box.value));
      else if (error === null) reject(new Error("it ended without an answer"));
      else resolve(fail(error));
    });
  });
}

function sendOnStream<T>(
  client: Client,
  { path, request, read }: Call<T>,
  { metadata, deadline }: Sending,
): Promise<Result<T, ServiceError>> {
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest(path, asItIs, read, metadata, { deadline });
    // Whatever comes first counts, and the rest changes nothing.
    stream.on("data", (value: T) => resolve(ok(value)));
    stream.on("error", (error: ServiceError) => resolve(fail(error)));
    stream.on("end", () => reject(new Error("it ended without an answer")));
    stream.write(request);
    stream.end();
  });
}

function asItIs(request: Buffer): Buffer {
  return request;
}

/** Connects when it is first used, and again by itself. @throws what the files have against it */
function newClient(
  { ca, certificate }: WitnessConfig,
  { isTls, host, port }: WitnessEndpoint,
): Client {
  const credential = isTls
    ? credentials.createSsl(
        ca === undefined ? null : readFileSync(ca),
        certificate === undefined ? null : readFileSync(certificate.key),
        certificate === undefined ? null : readFileSync(certificate.file),
        { checkServerIdentity: (_, certificateOfIt) => checkServerIdentity(host, certificateOfIt) },
      )
    : credentials.createInsecure();
  return new Client(`dns:${host.includes(":") ? `[${host}]` : host}:${port}`, credential, {
    // A proxy of the environment is for programs that fetch pages.
    "grpc.enable_http_proxy": 0,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    // It is this connection that is watched, not one that another part of the program shares.
    "grpc.use_local_subchannel_pool": 1,
    // An address is no name of a server (RFC 6066 §3), and Node warns of one; it is checked all the same.
    ...(isIP(host) === 0 ? {} : { "grpc.ssl_target_name_override": "etcd" }),
  });
}

function dropClient(member: Member): void {
  member.client?.close();
  member.client = undefined;
}
