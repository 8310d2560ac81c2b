/**
 * What an original heartbeat says, out of the fields of a message. `original-text.ts` is the way
 * back.
 *
 * Strict where a wrong guess would move a resource, and as lenient as the original elsewhere: what
 * it does not look at, or takes for something when it is missing, is no fault here either.
 */
import type { Holding, NodeName, OriginalMessage, Saying } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { millis } from "../std/time.ts";
import type { Envelope } from "./envelope.ts";
import { textOf } from "./fields.ts";
import { numberFromDecimal, numberFromHex } from "./number.ts";
import { textFromBytes } from "./word.ts";

type Fault = "missing-field" | "malformed";
type Read = Result<Saying, Fault>;
/** The text of a field of the message, undefined if there is none. */
type Field = (name: string) => string | undefined;

const holdings = ["none", "local", "foreign", "all"] as const;
const statuses = ["init", "up", "active", "dead"] as const;
const steps = ["me", "other", "done"] as const;

/** Reads what was signed and is not of our own kind. Never throws. */
export function originalOf(envelope: Envelope): Result<OriginalMessage, Fault> {
  const { fields } = envelope;
  const said = sayingOf(envelope.type, (name) => textOf(fields, name));
  if (!said.ok) return said;
  const dest = textOf(fields, "dest");
  return ok({
    from: nodeName(envelope.from),
    // An original goes by `destuuid` first. It stands for the same node, so the name is enough.
    dest: dest === undefined ? undefined : nodeFrom(dest),
    generation: envelope.generation,
    sequence: envelope.sequence,
    saying: said.value,
  });
}

function sayingOf(type: string, field: Field): Read {
  switch (type) {
    case "status":
      return statusFrom(field);
    case "shutdone":
    case "reqnodes":
    case "starting":
    case "you_are_dead":
    case "abort_giveup":
      return ok({ type });
    case "repnodes":
      return nodesFrom(field);
    case "resource":
      return reportFrom(field);
    case "ask_resources":
      return standbyFrom(field);
    case "hb_takeover":
      return ok({ type, holds: takeoverOf(field("rsc_hold")) });
    case "ip-request":
      return requestFrom(field);
    case "ip-request-resp":
      return responseFrom(field);
    case "NS_ackmsg":
      return numbered(field, "ackseq", (sequence) => ({ type, sequence }));
    case "NS_rexmit":
      return rangeFrom(field);
    case "NS_nak_rexmit":
      return numbered(field, "firstseq", (sequence) => {
        return { type, sequence, reason: textFromBytes(field("info") ?? "") };
      });
    case "num_ping_nodes":
      return pingCountFrom(field);
    case "stonith":
      return fencingFrom(field);
    default:
      // That of a ping node, `NS_st`, too: nobody but who sent the echo request has a use for it.
      return ok({ type: "unknown", name: textFromBytes(type) });
  }
}

/** `st=ping` is said in the place of a ping node, in `NS_st`, and by no node of itself. */
function statusFrom(field: Field): Read {
  const st = field("st");
  if (st === undefined) return fail("missing-field");
  const status = statuses.find((each) => each === st);
  const dt = field("dt");
  const deadtime = dt === undefined ? undefined : numberFromHex(dt);
  // Whose deadtime is 0 would be dead at every moment.
  if (status === undefined || (dt !== undefined && !deadtime)) return fail("malformed");
  return ok({
    type: "status",
    status,
    deadtime: deadtime === undefined ? undefined : millis(deadtime),
    acknowledges: field("protocol") !== undefined,
  });
}

function nodesFrom(field: Field): Read {
  const list = field("nodelist");
  if (list === undefined) return fail("missing-field");
  const words = list.split(" ").filter((word) => word !== "");
  return ok({ type: "repnodes", nodes: words.map(nodeFrom) });
}

function reportFrom(field: Field): Read {
  const holds = holdingFrom(field);
  if (!holds.ok) return holds;
  const isstable = field("isstable");
  if (isstable !== undefined && isstable !== "0" && isstable !== "1") return fail("malformed");
  return ok({
    type: "resource",
    holds: holds.value,
    isFull: field("rtype") === "full",
    isStable: isstable === undefined ? undefined : isstable === "1",
    info: textFromBytes(field("info") ?? ""),
  });
}

function standbyFrom(field: Field): Read {
  const holds = holdingFrom(field);
  if (!holds.ok) return holds;
  const info = field("info");
  if (info === undefined) return fail("missing-field");
  const step = steps.find((each) => each === info);
  if (step === undefined) return fail("malformed");
  return ok({ type: "ask_resources", holds: holds.value, step });
}

/**
 * The script that answers it (rc.d/hb_takeover) asks for a standby of everything unless it is told
 * `local` or `foreign`: `failback`, which hb_takeover accepts, is everything as well.
 */
function takeoverOf(text: string | undefined): Holding {
  return text === "local" || text === "foreign" ? text : "all";
}

function requestFrom(field: Field): Read {
  const key = field("ipaddr");
  if (!key) return fail("missing-field");
  return ok({ type: "ip-request", key: textFromBytes(key) });
}

/** Who asked takes the group if the answer is `OK`, whatever `weown` says. There is no other. */
function responseFrom(field: Field): Read {
  const [key, answer] = [field("ipaddr"), field("ok")];
  if (!key || answer === undefined) return fail("missing-field");
  if (answer !== "OK") return fail("malformed");
  const isOwner = field("weown") === "yes";
  return ok({ type: "ip-request-resp", key: textFromBytes(key), isOwner });
}

/** Decimal, while all other numbers of the order are hexadecimal. */
function rangeFrom(field: Field): Read {
  const [firstseq, lastseq] = [field("firstseq"), field("lastseq")];
  if (firstseq === undefined || lastseq === undefined) return fail("missing-field");
  const [first, last] = [numberFromDecimal(firstseq), numberFromDecimal(lastseq)];
  if (!first || !last || last < first) return fail("malformed");
  return ok({ type: "NS_rexmit", first, last });
}

function pingCountFrom(field: Field): Read {
  const text = field("num_ping");
  if (text === undefined) return fail("missing-field");
  const count = numberFromDecimal(text);
  return count === undefined ? fail("malformed") : ok({ type: "num_ping_nodes", count });
}

function fencingFrom(field: Field): Read {
  const [node, result] = [field("node"), field("result")];
  if (node === undefined || result === undefined) return fail("missing-field");
  return ok({ type: "stonith", node: nodeFrom(node), result: textFromBytes(result) });
}

function holdingFrom(field: Field): Result<Holding, Fault> {
  const text = field("rsc_hold");
  if (text === undefined) return fail("missing-field");
  const holds = holdings.find((each) => each === text);
  return holds === undefined ? fail("malformed") : ok(holds);
}

function numbered(field: Field, name: string, sayingFrom: (sequence: number) => Saying): Read {
  const text = field(name);
  if (text === undefined) return fail("missing-field");
  const sequence = numberFromHex(text);
  return sequence ? ok(sayingFrom(sequence)) : fail("malformed");
}

/** Names are compared in lower case, as ha.cf is read. */
function nodeFrom(bytes: string): NodeName {
  return nodeName(textFromBytes(bytes).toLowerCase());
}
