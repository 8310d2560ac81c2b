/**
 * Understudy, as it was built.
 */
import type { Understudy } from "../../interop/lab/understudy.ts";
import { understudyOn } from "../../interop/lab/understudy.ts";
import { virtualIp } from "../../netns/lab/ha-files.ts";
import type { ClassName, Contender } from "./contender.ts";
import type { HaSetting } from "./heartbeat-files.ts";
import { settingOf, statusMessages, writeHaFiles } from "./heartbeat-files.ts";
import type { Lab } from "./lab.ts";

interface Setting extends HaSetting {
  readonly className: ClassName;
  readonly deadtimeMs: number;
}

const settings: readonly Setting[] = [
  { className: "5s", keepalive: "2", deadtime: "5", deadtimeMs: 5000 },
  { className: "1s", keepalive: "200ms", warntime: "450ms", deadtime: "1", deadtimeMs: 1000 },
  {
    className: "fastest",
    keepalive: "10ms",
    warntime: "19ms",
    deadtime: "50ms",
    deadtimeMs: 50,
  },
  // `understudy check` warns of this one: two lost heartbeats silence the holder for a moment.
  { className: "fastest", keepalive: "10ms", deadtime: "40ms", deadtimeMs: 40 },
];

export const understudies: readonly Contender[] = settings.map(contenderOf);

/** Both daemons of a lab. */
const running = new WeakMap<Lab, readonly [Understudy, Understudy]>();

function contenderOf(setting: Setting): Contender {
  return {
    program: "Understudy",
    className: setting.className,
    setting: settingOf(setting),
    detectionMs: setting.deadtimeMs,
    settleMs: 2000,
    heartbeats: statusMessages,
    moveBy: "`understudy takeover` on the standby",
    async start(lab) {
      writeHaFiles(lab, setting, { resource: `${virtualIp}/24/eth0`, more: [] });
      const pair = [understudyOn(lab.alpha.sandbox), understudyOn(lab.beta.sandbox)] as const;
      running.set(lab, pair);
      for (const each of pair) each.start();
      await pair[0].daemon.told("group-held");
      for (const each of pair) await each.isWell();
    },
    move: async (lab) => daemonsOf(lab)[1].does("takeover"),
    story: (lab) => daemonsOf(lab).map(storyOf).join("\n"),
  };
}

function daemonsOf(lab: Lab): readonly [Understudy, Understudy] {
  const pair = running.get(lab);
  if (pair === undefined) throw new Error("it was not started");
  return pair;
}

function storyOf(understudy: Understudy): string {
  const lines = understudy.story().map((line) => JSON.stringify(line));
  return [...lines, understudy.daemon.complaints()].join("\n");
}
