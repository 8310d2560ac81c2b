/**
 * The core: who is alive, and who holds what. Decides and does nothing.
 *
 * Nothing in this folder reads a clock, opens a socket, starts a process, draws a random number,
 * waits, or throws (but for a bug of ours). The same inputs at the same moments give the same
 * effects, always; the whole of test/sim rests on that.
 */
export type { Effect, GroupReply, Reply } from "./effect.ts";
export type { AddressFact, Command, Input, LeaseKind, RejectReason, Selection } from "./input.ts";
export type { AddMoments, Job, JobOutcome, ScriptedResource, Task } from "./job.ts";
export type { GiveUpReason, Level, Notice, NoticeCode } from "./notice.ts";
export { HISTORY } from "./original-order.ts";
export { notices } from "./notice.ts";
export type { Holding, OriginalMessage, Saying, Side } from "./original-message.ts";
export type { Boot, State } from "./state.ts";
export { createState } from "./state.ts";
export type { GroupStatus, Move, MovePhases, PeerStatus, PingStatus, Status } from "./status.ts";
export { statusOf } from "./status-of.ts";
export { nextDeadline, step } from "./step.ts";
export { nextDeath } from "./unreachable.ts";
export { groupName, jobId, mediumName, nodeName, requestId } from "./types.ts";
export type * from "./types.ts";
