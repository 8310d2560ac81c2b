/**
 * alpha talks with an original heartbeat on beta: what beta says, and what alpha says to that.
 */
import type { Effect, Saying, Selection, State } from "../../../src/core/index.ts";
import { requestId, step } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import type { Shape } from "../../sim/configs.ts";
import { addressGroup, eth0, timing } from "../../sim/configs.ts";
import { alpha, beta, stateOf } from "./support.ts";

export interface Talk {
  readonly state: State;
  /** Since the start, in milliseconds. */
  now: number;
  /** Of what beta says next. */
  sequence: number;
  generation: number;
  /** beta says something, to everybody or to alpha; with a number, as the number of the message. */
  hear(saying: Saying, options?: { readonly sequence?: number; readonly dest?: string }): Effect[];
  /** Time passes; beta says nothing but a status every second if it is `alive`. */
  pass(milliseconds: number, alive?: boolean): Effect[];
}

export const active: Extract<Saying, { readonly type: "status" }> = {
  type: "status",
  status: "active",
  deadtime: timing.deadtime,
  acknowledges: true,
};

export function talkOf(shape: Shape = {}, names: readonly string[] = ["alpha", "beta"]): Talk {
  const state = stateOf(names, shape);
  const talk: Talk = {
    state,
    now: 0,
    sequence: 1,
    generation: 7,
    hear(saying, { sequence, dest } = {}) {
      const number = saying.type.startsWith("NS_") ? undefined : (sequence ?? talk.sequence);
      if (number !== undefined && sequence === undefined) talk.sequence += 1;
      const message = {
        from: beta,
        dest: dest === undefined ? undefined : dest === "beta" ? beta : alpha,
        generation: talk.generation,
        sequence: number,
        saying,
      };
      return turn(talk, { type: "original", medium: eth0, message });
    },
    pass(milliseconds, alive = true) {
      const effects: Effect[] = [];
      const end = talk.now + milliseconds;
      while (talk.now < end) {
        talk.now = Math.min(end, talk.now + 50);
        const speaks = alive && talk.now % 1000 === 0;
        effects.push(...(speaks ? talk.hear(active) : turn(talk)));
      }
      return effects;
    },
  };
  return talk;
}

/** Jobs succeed at once: the next turn knows. */
function turn(talk: Talk, input?: Parameters<typeof step>[1][number]): Effect[] {
  const all: Effect[] = [];
  let inputs = input === undefined ? [] : [input];
  do {
    const effects = step(talk.state, inputs, instant(talk.now));
    all.push(...effects);
    inputs = effects.flatMap((effect) =>
      effect.type === "run"
        ? [{ type: "jobDone", job: effect.job, outcome: { type: "succeeded" } } as const]
        : [],
    );
  } while (inputs.length > 0);
  return all;
}

/** What alpha said to the original, but for acknowledgements, as `type` and what matters of it. */
export function said(effects: readonly Effect[]): readonly string[] {
  return allSaid(effects).filter((each) => !each.startsWith("NS_ackmsg"));
}

export function allSaid(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.type === "say" ? [words(effect.message.saying)] : []));
}

function words(saying: Saying): string {
  const { type, ...rest } = saying;
  const values = Object.values<unknown>(rest).filter((value) => value !== "");
  return [type, ...values.map((value) => (Array.isArray(value) ? value.join("+") : value))].join(
    " ",
  );
}

export function told(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.type === "tell" ? [effect.notice.code] : []));
}

export function report(
  holds: "none" | "local" | "foreign" | "all",
  isStable: boolean | undefined = true,
  info = "",
): Saying {
  return { type: "resource", holds, isFull: info !== "mach_down", isStable, info };
}

/** Both have met, and settled: alpha holds what is at home there, beta nothing but its own side. */
export function settled(shape: Shape = {}): Talk {
  const talk = talkOf(shape);
  talk.hear(active);
  talk.hear({ type: "repnodes", nodes: [alpha, beta] }, { dest: "alpha" });
  talk.hear({ type: "starting" });
  talk.hear(report("none", false));
  talk.hear(report("local"));
  talk.pass(1000);
  return talk;
}

/** Both have met, and beta holds everything. */
export function met(shape: Shape = {}): Talk {
  const talk = talkOf(shape);
  talk.hear(active);
  talk.hear({ type: "repnodes", nodes: [alpha, beta] }, { dest: "alpha" });
  talk.hear(report("all"));
  talk.pass(millis(1000));
  return talk;
}

const everything: Selection = { type: "all" };

/** What the operator wants on alpha, and waits for. */
export function command(
  talk: Talk,
  type: "takeover" | "standby",
  selection: Selection = everything,
): readonly Effect[] {
  const wish = { type, selection, wait: true };
  const input = { type: "command", request: requestId(1), command: wish } as const;
  const effects = step(talk.state, [input], instant(talk.now));
  return [...effects, ...talk.pass(0)];
}

/** What the operator was answered. */
export function replies(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.type === "reply"
      ? effect.reply.groups.map(({ result }) =>
          result.type === "refused" ? `refused: ${result.reason}` : result.type,
        )
      : [],
  );
}

/** One group, at home on beta. */
export const atBeta: Shape = { groups: [addressGroup("10.0.0.100", [beta, alpha])] };

/** Until a peer that was never heard is dead. */
export function timingOf({ state }: Talk): number {
  return state.config.timing.initdead + 50;
}
