import { expect, test } from "vitest";
import { endingOf } from "../../../src/daemon/release.ts";

/** systemd.exec(5), SERVICE_RESULT. */
test.each([
  ["killed", { SERVICE_RESULT: "signal", EXIT_CODE: "killed", EXIT_STATUS: "KILL" }, "to-return"],
  ["killed by the OOM killer", { SERVICE_RESULT: "oom-kill", EXIT_STATUS: "KILL" }, "to-return"],
  ["killed by the watchdog", { SERVICE_RESULT: "watchdog", EXIT_STATUS: "KILL" }, "to-return"],
  ["crashed in native code", { SERVICE_RESULT: "core-dump", EXIT_STATUS: "SEGV" }, "to-return"],
  ["to be replaced", { SERVICE_RESULT: "success", EXIT_STATUS: "75" }, "to-return"],
  [
    "to be replaced, 75 not listed",
    { SERVICE_RESULT: "exit-code", EXIT_STATUS: "75" },
    "to-return",
  ],
  ["stopped in good order", { SERVICE_RESULT: "success", EXIT_STATUS: "0" }, "for-good"],
  ["crashed by a bug of ours", { SERVICE_RESULT: "exit-code", EXIT_STATUS: "70" }, "for-good"],
  ["not stopped in time", { SERVICE_RESULT: "timeout", EXIT_STATUS: "KILL" }, "for-good"],
  ["not known, by hand", {}, "for-good"],
  ["not known, by hand, with a variable of another", { EXIT_STATUS: "75" }, "for-good"],
] as const)("a daemon that was %s", (_, environment, ending) => {
  expect(endingOf(environment)).toBe(ending);
});
