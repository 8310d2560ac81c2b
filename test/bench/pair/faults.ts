/**
 * What happens to the holder, to all programs alike.
 */
import type { Contender } from "./contender.ts";
import type { Lab } from "./lab.ts";

/** What the moment of a fault is taken from. */
type Moment = "clock" | "last answer";

export interface Fault {
  readonly name: string;
  /** What is done, precisely: for the notes. */
  readonly says: string;
  /** Whether the standby has to find out by itself, so that there is a time of detection. */
  readonly isSilent: boolean;
  readonly moment: Moment;
  /** @param pids - of the program on the holder */
  inject(lab: Lab, contender: Contender, pids: readonly number[]): void | Promise<void>;
}

export const faults: readonly Fault[] = [
  {
    name: "host dead",
    says:
      "the switch drops all frames of the holder, both ways, on both networks, in one transaction of nftables; " +
      "then all its processes are killed at once. No carrier is lost. The moment is that of its last answer to the client",
    isSilent: true,
    moment: "last answer",
    async inject({ alpha, hub }) {
      const ports = [`${alpha.name}-0`, `${alpha.name}-1`];
      hub.drop(
        ports.flatMap((port) =>
          (["ingress", "egress"] as const).map((hook) => ({ port, hook, what: "counter" })),
        ),
      );
      await alpha.sandbox.powerOff();
    },
  },
  {
    name: "daemon killed",
    says:
      "all processes of the program on the holder are stopped, then killed by SIGKILL: none of them outlives another. " +
      "Nothing restarts them, and the host lives",
    isSilent: true,
    moment: "clock",
    inject: (_lab, _contender, pids) => signal(pids, "SIGSTOP", "SIGKILL"),
  },
  {
    name: "daemon frozen",
    says: "all processes of the program on the holder are stopped by SIGSTOP, and stay so; the host lives",
    isSilent: true,
    moment: "clock",
    inject: (_lab, _contender, pids) => signal(pids, "SIGSTOP"),
  },
  {
    name: "planned move",
    says: "the operator moves the address, in the gentlest way that the program has",
    isSilent: false,
    moment: "clock",
    inject: (lab, contender) => contender.move(lab),
  },
];

function signal(pids: readonly number[], ...signals: readonly NodeJS.Signals[]): void {
  if (pids.length === 0) throw new Error("the holder runs nothing");
  for (const each of signals) for (const pid of pids) kill(pid, each);
}

function kill(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch {
    // A child of heartbeat's, which had just ended by itself.
  }
}
