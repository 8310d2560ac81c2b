import { describe, expect, test } from "vitest";
import { agentOf, saysRunning } from "../../../src/daemon/agents.ts";

describe("a status text says that the resource runs", () => {
  test.each([
    ["nginx is running", true],
    ["Running OK", true],
    ["OK", true],
    ["nginx is not running", false],
    ["Not  Running", false],
    ["Resource is stopped", false],
    ["", false],
    // ResourceManager matches OK as it is written.
    ["ok", false],
  ])("%j: %s", (text, runs) => expect(saysRunning(text)).toBe(runs));
});

test("a systemd unit is started and stopped by systemctl, which knows whether it runs", () => {
  const unit = { type: "systemd", name: "systemd::nginx.service", unit: "nginx.service" } as const;
  const agent = agentOf(unit, "/etc/ha.d");
  expect(agent?.status).toBeUndefined();
  expect(agent?.start).toMatchObject({
    file: "systemctl",
    args: ["--no-ask-password", "start", "--", "nginx.service"],
  });
  expect(agent?.stop.args).toContain("stop");
});

test("an OCF agent that is not installed is no agent", () => {
  const resource = {
    type: "ocf",
    name: "ocf::nobody:nothing",
    provider: "nobody",
    agent: "nothing",
    parameters: {},
  } as const;
  expect(agentOf(resource, "/etc/ha.d")).toBeUndefined();
});
