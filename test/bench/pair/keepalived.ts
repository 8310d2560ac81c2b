/**
 * keepalived, with one VRRP instance (RFC 5798) on the service network.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { virtualIp } from "../../netns/lab/ha-files.ts";
import { until } from "../../netns/lab/until.ts";
import type { ClassName, Contender } from "./contender.ts";
import type { Lab, Station } from "./lab.ts";

/** The standby's is such that its skew is a third of advert_int, for times that are round. */
const priorities = { alpha: 200, beta: 171, demoted: 100 } as const;

interface Setting {
  readonly className: ClassName;
  /** `advert_int`, in milliseconds; VRRP version 3 has hundredths of a second. */
  readonly advertMs: number;
}

const settings: readonly Setting[] = [
  { className: "5s", advertMs: 1500 },
  { className: "1s", advertMs: 300 },
  { className: "fastest", advertMs: 50 },
  { className: "fastest", advertMs: 10 },
];

export const keepaliveds: readonly Contender[] = settings.map(contenderOf);

/** RFC 5798 §6.1: Master_Down_Interval, with the Skew_Time of the standby. */
function masterDownMs(advertMs: number): number {
  return 3 * advertMs + ((256 - priorities.beta) * advertMs) / 256;
}

const logs = new WeakMap<Lab, string[]>();

function contenderOf({ className, advertMs }: Setting): Contender {
  return {
    program: "keepalived",
    className,
    setting: `advert_int ${advertMs / 1000}, priority ${priorities.beta}`,
    detectionMs: masterDownMs(advertMs),
    settleMs: 2000,
    // Those of the master: nobody else sends any.
    heartbeats: { filter: "ip proto 112 and src host 10.77.0.1", isOne: () => true },
    moveBy: "the master's priority lowered by a `track_file`",
    async start(lab) {
      const lines: string[] = [];
      logs.set(lab, lines);
      for (const station of [lab.alpha, lab.beta]) startOn(station, advertMs, lines);
      const entered = (name: string): boolean =>
        lines.some((line) => line.startsWith(name) && line.includes("Entering BACKUP STATE"));
      await until("both to have begun", () => entered("alpha") && entered("beta"));
      const isHeld = (): boolean => lab.alpha.hasAddress() && !lab.beta.hasAddress();
      await until("alpha to be master", isHeld, 30_000, 100);
    },
    async move(lab) {
      writeFileSync(trackFile(lab.alpha), `${priorities.demoted - priorities.alpha}\n`);
    },
    story: (lab) => (logs.get(lab) ?? []).join("\n"),
  };
}

function startOn(station: Station, advertMs: number, lines: string[]): void {
  const { name, folder, sandbox } = station;
  const file = join(folder, "keepalived.conf");
  writeFileSync(file, configOf(station, advertMs));
  writeFileSync(trackFile(station), "0\n");
  const options = ["--dont-fork", "--log-console", "--log-detail", "--vrrp", "--use-file", file];
  const child = sandbox.namespace.spawn("keepalived", options);
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      for (const line of chunk.split("\n")) if (line !== "") lines.push(`${name}: ${line}`);
    });
}

/** Everything that is not here is as Debian's package has it. */
function configOf(station: Station, advertMs: number): string {
  const priority = station.name === "alpha" ? priorities.alpha : priorities.beta;
  return `global_defs {
  router_id ${station.name}
  vrrp_version 3
}
track_file demoted {
  file "${trackFile(station)}"
  weight 1
}
vrrp_instance pair {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int ${advertMs / 1000}
  virtual_ipaddress {
    ${virtualIp}/24 dev eth0
  }
  track_file {
    demoted
  }
}
`;
}

function trackFile({ folder }: Station): string {
  return join(folder, "demoted");
}
