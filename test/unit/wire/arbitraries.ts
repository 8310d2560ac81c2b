/**
 * Anything that a node may say of itself, and what goes with it on the wire.
 */
import * as fc from "fast-check";
import type {
  Claim,
  GroupName,
  Hearing,
  Maintenance,
  Message,
  NodeName,
  OriginalMessage,
  Phase,
  Saying,
  Stance,
  TakeReason,
} from "../../../src/core/index.ts";
import { groupName, nodeName } from "../../../src/core/index.ts";
import { millis } from "../../../src/std/time.ts";
import type { Key, Stamp } from "../../../src/wire/index.ts";

/** No blanks and nothing that does not print; else any script, and what the lists are made of. */
const word = fc.oneof(
  fc.constantFrom("10.0.0.100", "web", "ocf::heartbeat:apache", "IPaddr::10.0.0.1/24/eth0:1"),
  fc.string({
    unit: fc.constantFrom(..."%,*:=/()a2c'\"\\|@#".split("")),
    minLength: 1,
    maxLength: 12,
  }),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((text) => !/[\s\p{C}]/u.test(text)),
);

export const arbitraryNode: fc.Arbitrary<NodeName> = word.map(nodeName);
export const arbitraryGroup: fc.Arbitrary<GroupName> = word.map(groupName);

const count = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const positive = count.map((each) => Math.max(1, each));
const digest = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef".split("")),
  minLength: 16,
  maxLength: 16,
});

const arbitraryClaim: fc.Arbitrary<Claim> = fc.record({
  group: arbitraryGroup,
  term: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 48 })),
  at: fc.constantFrom<Claim["at"][]>("starting", "held", "stopping", "stuck"),
  pinned: fc.boolean(),
  reason: fc.constantFrom<TakeReason[]>("start", "peer-dead", "takeover", "restart"),
  from: fc.option(arbitraryNode, { nil: undefined }),
  age: fc.nat().map(millis),
});

const arbitraryStance: fc.Arbitrary<Stance> = fc.oneof(
  fc.record({ group: arbitraryGroup, at: fc.constantFrom("refuses" as const, "wants" as const) }),
  fc.record({ group: arbitraryGroup, at: fc.constant("yields" as const), to: arbitraryNode }),
);

const arbitraryHearing: fc.Arbitrary<Hearing> = fc.record({
  node: arbitraryNode,
  generation: count,
  sequence: count,
});

const length = fc.nat().map(millis);
const hexPair = fc.nat({ max: 255 }).map((byte) => byte.toString(16).padStart(2, "0"));
const mac = fc.array(hexPair, { minLength: 6, maxLength: 6 }).map((pairs) => pairs.join(":"));
const reason = fc.oneof(
  fc.constantFrom("", "kernel update", "x".repeat(200)),
  fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => text.isWellFormed()),
);

const arbitraryMaintenance: fc.Arbitrary<Maintenance> = fc.record({
  on: fc.boolean(),
  version: fc.nat({ max: 2 ** 48 }),
  by: arbitraryNode,
  left: fc.option(length, { nil: undefined }),
  reason,
});

/** What a node may be silent about; of a list that is empty nothing is said. */
const arbitraryOptional = fc.record(
  {
    lease: length,
    back: length,
    maintenance: arbitraryMaintenance,
    macs: fc.array(mac, { minLength: 1, maxLength: 64 }),
    doubts: fc.array(arbitraryGroup, { minLength: 1, maxLength: 8 }),
  },
  { requiredKeys: [] },
);

/** Whole milliseconds: the wire has no others. */
export const arbitraryMessage: fc.Arbitrary<Message> = fc
  .tuple(
    arbitraryOptional,
    fc.record({
      from: arbitraryNode,
      boot: digest,
      generation: count,
      sequence: positive,
      changed: positive,
      phase: fc.constantFrom<Phase[]>("init", "up", "active", "leaving", "away", "gone"),
      deadtime: fc.integer({ min: 1, max: 2 ** 31 }).map(millis),
      claims: fc.array(arbitraryClaim, { maxLength: 8 }),
      stances: fc.array(arbitraryStance, { maxLength: 8 }),
      hears: fc.array(arbitraryHearing, { maxLength: 8 }),
      digest,
      reach: fc.option(count, { nil: undefined }),
    }),
  )
  .map(([optional, message]) => ({
    ...message,
    ...optional,
    changed: Math.min(message.changed, message.sequence),
  }));

const holding = fc.constantFrom(
  "none" as const,
  "local" as const,
  "foreign" as const,
  "all" as const,
);
/** Names are compared in lower case, whatever was sent. */
const lowerNode = arbitraryNode.map((node) => nodeName(node.toLowerCase()));
const text = fc.oneof(
  fc.constantFrom("", "standby", "req_our_resources()", "seqno not found"),
  word,
);

const ordered: fc.Arbitrary<Saying> = fc.oneof(
  fc.record({
    type: fc.constant("status" as const),
    status: fc.constantFrom("init" as const, "up" as const, "active" as const, "dead" as const),
    deadtime: fc.option(fc.integer({ min: 1, max: 2 ** 31 }).map(millis), { nil: undefined }),
    acknowledges: fc.boolean(),
  }),
  fc.record({
    type: fc.constantFrom(
      "shutdone" as const,
      "reqnodes" as const,
      "starting" as const,
      "you_are_dead" as const,
      "abort_giveup" as const,
    ),
  }),
  fc.record({ type: fc.constant("repnodes" as const), nodes: fc.array(lowerNode) }),
  fc.record({
    type: fc.constant("resource" as const),
    holds: holding,
    isFull: fc.boolean(),
    isStable: fc.option(fc.boolean(), { nil: undefined }),
    info: text,
  }),
  fc.record({
    type: fc.constant("ask_resources" as const),
    holds: holding,
    step: fc.constantFrom("me" as const, "other" as const, "done" as const),
  }),
  fc.record({
    type: fc.constant("hb_takeover" as const),
    holds: fc.constantFrom("local" as const, "foreign" as const, "all" as const),
  }),
  fc.record({ type: fc.constant("ip-request" as const), key: word }),
  fc.record({ type: fc.constant("ip-request-resp" as const), key: word, isOwner: fc.boolean() }),
  fc.record({ type: fc.constant("num_ping_nodes" as const), count }),
  fc.record({ type: fc.constant("stonith" as const), node: lowerNode, result: text }),
  fc.record({
    type: fc.constant("unknown" as const),
    name: fc.constantFrom("hbapi-clstat", "addnode", "caf\u00e9"),
  }),
);

const unordered: fc.Arbitrary<Saying> = fc.oneof(
  fc.record({ type: fc.constant("NS_ackmsg" as const), sequence: positive }),
  fc.tuple(positive, positive).map(([one, other]) => {
    return { type: "NS_rexmit", first: Math.min(one, other), last: Math.max(one, other) } as const;
  }),
  fc.record({ type: fc.constant("NS_nak_rexmit" as const), sequence: positive, reason: text }),
  fc.constant({ type: "unknown" as const, name: "NS_st" }),
);

/** Everything that a node may say to an original, `hb_takeover none` alone excepted. */
export const arbitraryOriginal: fc.Arbitrary<OriginalMessage> = fc
  .record({
    from: arbitraryNode,
    dest: fc.option(lowerNode, { nil: undefined }),
    generation: count,
    sequence: positive,
    order: fc.oneof(ordered, unordered),
  })
  .map(({ order: saying, sequence, ...rest }) => {
    const isOrdered = !(saying.type === "unknown" ? saying.name : saying.type).startsWith("NS_");
    return { ...rest, sequence: isOrdered ? sequence : undefined, saying };
  });

export const arbitraryStamp: fc.Arbitrary<Stamp> = fc.record({
  seconds: fc.integer({ min: -1, max: 2 ** 32 }),
  load: fc.constantFrom("", "0.11 0.13 0.06 2/131 35", "0.11 0.13 0.06 2/131 35\n"),
  ttl: fc.integer({ min: 1, max: 100 }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});

const secret = fc
  .array(fc.integer({ min: 0x21, max: 0xff }), { minLength: 1, maxLength: 150 })
  .map((codes) => String.fromCharCode(...codes));

export const arbitraryKey: fc.Arbitrary<Key> = fc.oneof(
  fc.record({
    index: fc.integer({ min: 0, max: 15 }),
    method: fc.constantFrom("md5" as const, "sha1" as const, "sha256" as const, "sha512" as const),
    secret,
  }),
  fc.record({
    index: fc.integer({ min: 0, max: 15 }),
    method: fc.constant("crc" as const),
    secret: fc.constant(""),
  }),
);
