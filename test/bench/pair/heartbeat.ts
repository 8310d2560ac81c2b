/**
 * The original heartbeat 3.0.6, with haresources.
 */
import type { Original } from "../../interop/lab/original.ts";
import { originalOn } from "../../interop/lab/original.ts";
import { virtualIp } from "../../netns/lab/ha-files.ts";
import { until } from "../../netns/lab/until.ts";
import type { ClassName, Contender } from "./contender.ts";
import type { HaSetting } from "./heartbeat-files.ts";
import { settingOf, statusMessages, writeHaFiles } from "./heartbeat-files.ts";
import type { Lab } from "./lab.ts";

interface Setting extends HaSetting {
  readonly className: ClassName;
  readonly deadtimeMs: number;
}

/**
 * The fastest is not the shortest deadtime that it accepts (110 ms with a keepalive of 50 ms): with a shorter one
 * it is no quicker, for its timers of half a second and its scripts take longer than that.
 */
const settings: readonly Setting[] = [
  { className: "5s", keepalive: "2", deadtime: "5", deadtimeMs: 5000 },
  { className: "1s", keepalive: "200ms", warntime: "450ms", deadtime: "1", deadtimeMs: 1000 },
  {
    className: "fastest",
    keepalive: "50ms",
    warntime: "100ms",
    deadtime: "200ms",
    deadtimeMs: 200,
  },
];

export const heartbeats: readonly Contender[] = settings.map(contenderOf);

function contenderOf(setting: Setting): Contender {
  return {
    program: "heartbeat",
    className: setting.className,
    setting: settingOf(setting),
    detectionMs: setting.deadtimeMs,
    // Its scripts, and its timers.
    settleMs: 4000,
    heartbeats: statusMessages,
    moveBy: "`hb_takeover all` on the standby",
    async start(lab) {
      const more = ["logfile /var/log/ha-log", "debugfile /var/log/ha-debug", "logfacility none"];
      writeHaFiles(lab, setting, { resource: `IPaddr2::${virtualIp}/24/eth0`, more });
      const pair = originalsOf(lab);
      await Promise.all(pair.map((each) => each.start()));
      for (const each of pair) await each.holds("none", "local", "foreign", "all");
      const isHeld = (): boolean => lab.alpha.hasAddress() && !lab.beta.hasAddress();
      await until("alpha to hold the address", isHeld, 60_000, 250);
    },
    move: async (lab) => originalsOf(lab)[1].takeover("all"),
    story: (lab) =>
      originalsOf(lab)
        .flatMap((each) => each.log())
        .map(({ time, level, text }) => `${time} ${level}: ${text}`)
        .join("\n"),
  };
}

function originalsOf({ alpha, beta }: Lab): readonly [Original, Original] {
  return [originalOn(alpha.sandbox), originalOn(beta.sandbox)];
}
