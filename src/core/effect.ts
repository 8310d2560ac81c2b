import type { Instant } from "../std/time.ts";
import type { Task } from "./job.ts";
import type { Notice } from "./notice.ts";
import type { OriginalMessage } from "./original-message.ts";
import type { GroupName, JobId, Memory, Message, NodeName, RequestId, VirtualIp } from "./types.ts";

/** Everything that a node can ask of the outside. Carried out in the order given. */
export type Effect =
  /**
   * Say this on every medium. Fire and forget: a loss is what deadtime is for. `directly`: to the
   * address of these nodes besides, where a medium sends to all. What their kernels answer is the input
   * `unreachable`.
   */
  | { readonly type: "send"; readonly message: Message; readonly directly?: readonly NodeName[] }
  /** Say this to an original on every medium, and keep it: it may have to be said again. */
  | { readonly type: "say"; readonly message: OriginalMessage }
  /** Say again, in the words of then, what was sent with this number in this generation. */
  | { readonly type: "repeat"; readonly sequence: number }
  /** Save that this generation has begun: the next start is to go beyond it. */
  | { readonly type: "saveGeneration"; readonly generation: number }
  /** Announce addresses once (ARP, RFC 5227 §2.3; ND, RFC 4861 §7.2.6). Repeats are the core's. */
  | { readonly type: "announce"; readonly ips: readonly VirtualIp[] }
  /**
   * Let this node answer for the addresses that it has until then, and no longer. `renew` only
   * prolongs a lease that has not run out; `grant` begins one. What fails is one input `lapsed`.
   */
  | { readonly type: "renew" | "grant"; readonly until: Instant }
  /** Fall silent at once: the addresses stay configured and answer nobody. */
  | { readonly type: "revoke" }
  /**
   * Ask the network once who has these addresses (RFC 5227 §2.1.1; RFC 4861 §7.2.2 from `::`). Every
   * answer of another machine is one input `sighting`.
   */
  | { readonly type: "probe"; readonly ips: readonly VirtualIp[] }
  /** Ask the witness for its vote and keep it, or give it back. */
  | { readonly type: "vote"; readonly want: boolean }
  /** Save what the next life must know. */
  | { readonly type: "remember"; readonly memory: Memory }
  /** Ask every ping node whether it is there. Each answer is one input `pong`. */
  | { readonly type: "ask" }
  /** Begin this and report it with one input `jobDone`. How long it may take is the core's. */
  | {
      readonly type: "run";
      readonly job: JobId;
      readonly group: GroupName | undefined;
      readonly task: Task;
    }
  /** Kill a job. It still reports, as `cancelled`. */
  | { readonly type: "cancel"; readonly job: JobId }
  | { readonly type: "reply"; readonly request: RequestId; readonly reply: Reply }
  /** The answer to `confirm`: why the operator's word was not taken, if it was not. */
  | {
      readonly type: "confirmed";
      readonly request: RequestId;
      readonly node: NodeName;
      readonly refusal: string | undefined;
    }
  /** The answer to `maintain` and `goAway`: why it was not done, if it was not. */
  | {
      readonly type: "answered";
      readonly request: RequestId;
      readonly refusal: string | undefined;
    }
  /** Tell the operator. */
  | { readonly type: "tell"; readonly notice: Notice }
  /** 75 (sysexits.h EX_TEMPFAIL): to be started again at once; nothing was given up. */
  | { readonly type: "exit"; readonly code: 0 | 1 | 75 };

/** The answer to a command: for each group what became of it. */
export interface Reply {
  readonly groups: readonly GroupReply[];
}

export interface GroupReply {
  readonly group: GroupName;
  readonly result:
    /** It is so already: nothing to do. */
    | { readonly type: "already"; readonly holder: NodeName }
    /** Under way; the command did not ask to wait. */
    | { readonly type: "accepted" }
    /** Done: announced by its holder. `tookMs` counts from the command. */
    | { readonly type: "done"; readonly holder: NodeName; readonly tookMs: number }
    /** Nothing was, or will be, done. */
    | { readonly type: "refused"; readonly reason: string };
}
