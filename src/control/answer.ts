/**
 * The answer to takeover and standby: for each group what became of it.
 */
import type { NodeName, Reply } from "../core/index.ts";
import type { Is } from "./guard.ts";
import { isNumber, isString, list, oneOf, parseCleanJson, record } from "./guard.ts";
import { rounded } from "./time-text.ts";

export interface Answer {
  readonly version: 1;
  readonly node: string;
  readonly groups: readonly GroupAnswer[];
}

export interface GroupAnswer {
  readonly group: string;
  readonly result: GroupResult;
}

/** The variants of the core's GroupReply, with names as plain texts. */
type GroupResult =
  | { readonly type: "already"; readonly holder: string }
  | { readonly type: "accepted" }
  | { readonly type: "done"; readonly holder: string; readonly tookMs: number }
  | { readonly type: "refused"; readonly reason: string };

export function answer(node: NodeName, reply: Reply): Answer {
  const groups = reply.groups.map(({ group, result }) => ({
    group,
    result: result.type === "done" ? { ...result, tookMs: rounded(result.tookMs) } : result,
  }));
  return { version: 1, node, groups };
}

/** Undefined: the text is no answer of this version. Names and reasons come cleaned. */
export function parseAnswer(text: string): Answer | undefined {
  const value = parseCleanJson(text);
  return isAnswer(value) ? value : undefined;
}

const isAlready = record<Extract<GroupResult, { type: "already" }>>({
  type: oneOf("already"),
  holder: isString,
});

const isAccepted = record<Extract<GroupResult, { type: "accepted" }>>({ type: oneOf("accepted") });

const isDone = record<Extract<GroupResult, { type: "done" }>>({
  type: oneOf("done"),
  holder: isString,
  tookMs: isNumber,
});

const isRefused = record<Extract<GroupResult, { type: "refused" }>>({
  type: oneOf("refused"),
  reason: isString,
});

const isGroupResult: Is<GroupResult> = (value): value is GroupResult =>
  isAlready(value) || isAccepted(value) || isDone(value) || isRefused(value);

const isAnswer = record<Answer>({
  version: oneOf(1),
  node: isString,
  groups: list(record<GroupAnswer>({ group: isString, result: isGroupResult })),
});
