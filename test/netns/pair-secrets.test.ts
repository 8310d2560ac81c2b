/**
 * Keys and passwords: planted wherever the daemon reads one, and looked for in everything that anybody
 * else may read of it.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { routes, socketName } from "../../src/control/index.ts";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { callsOf, writeResourceScript } from "./lab/resource-script.ts";
import { until } from "./lab/until.ts";

/** In every secret, and in nothing else. */
const planted = "Zq7planted";

describe.skipIf(cannotRun)("keys and passwords", () => {
  test("are in no log, answer, file, argument or environment, whatever goes wrong", async () => {
    const device = newDevice();
    const cluster = await newCluster({
      more: [
        `stonith_host * ${device.name} ip=10.9.9.9 login=root password=${planted}-ha.cf`,
        `stonith ${device.name} ${device.parameters}`,
        "debug 255",
      ],
      resources: [`alpha ${virtualIp}/24/eth0 web`],
    });
    for (const { haDir } of cluster.nodes) {
      writeResourceScript(haDir, "web", { start: "env; ps -e -o args" });
      writeKeys(haDir, [`auth 1`, `1 sha256 ${planted}-key`, `2 md5 ${planted}-other-key`]);
    }
    for (const node of cluster.nodes) node.start(["env", `PATH=${device.path}`]);
    const [alpha, beta] = [cluster.node("alpha"), cluster.node("beta")];
    await cluster.client.answeredBy("alpha");
    await alpha.daemon.told("group-held");
    expect(callsOf(alpha.haDir)).toEqual(["web start"]);
    const said = newSaid();
    for (const node of cluster.nodes) await said.ask(node);

    // Mistakes in every place of a secret, each told by a reload and by `check`.
    for (const wrong of brokenKeys) {
      writeKeys(beta.haDir, wrong);
      await refused(beta);
      said.add(await beta.cli("check"), await beta.cli("check", "--json"));
    }
    writeKeys(beta.haDir, [`auth 1`, `1 sha256 ${planted}-key`]);
    const haCf = readFileSync(join(beta.haDir, "ha.cf"), "utf8");
    for (const wrong of brokenLines) {
      writeFileSync(join(beta.haDir, "ha.cf"), `${haCf}${wrong}\n`);
      await refused(beta);
      said.add(await beta.cli("check"), await beta.cli("check", "--migration"));
    }
    writeFileSync(join(beta.haDir, "ha.cf"), haCf);

    // Both devices are tried: they print all that they were given, and fail.
    await alpha.powerOff();
    await beta.daemon.told("fencing", { device: device.name });
    await until("the device", () => existsSync(device.runs));
    expect(environmentsOf(beta)).not.toContain(planted);
    expect(beta.commands().some((each) => each.includes(device.name))).toBe(true);
    expect(beta.commands().join("\n")).not.toContain(planted);
    device.goOn();
    await beta.daemon.told("fence-failed");
    // What was to be given was given, and what was to be seen was seen.
    await until("both to be called", () =>
      [`password=${planted}-ha.cf\n`, `password=${planted}-file\n`].every((each) =>
        readFileSync(device.given, "utf8").includes(each),
      ),
    );
    expect(JSON.stringify(beta.story())).toContain("login with *** failed");
    await said.ask(beta);
    beta.daemon.signal("SIGTERM");
    await beta.daemon.exited;

    said.add(
      ...cluster.nodes.map((each) => ({ stdout: JSON.stringify(each.story()), stderr: "" })),
    );
    said.add(...cluster.nodes.map(({ daemon }) => ({ stdout: "", stderr: daemon.complaints() })));
    for (const { runDir, haDir } of cluster.nodes) {
      said.add(...filesBelow(runDir), ...filesBelow(join(haDir, "..", "lib")));
    }
    said.mustNotContain(planted);
  });
});

const brokenKeys: readonly (readonly string[])[] = [
  [`auth 1`, `1 ${planted}`],
  [`auth 1`, `1 sha256`, `${planted} sha1 ${planted}`],
  [`auth ${planted}`],
  [`auth${planted} 1`],
  [`auth 1`, `1 crc ${planted}`],
  [`auth 1`, `1 sha1 ${planted}\u0001`],
  [`1 sha1 ${planted}`],
];

const brokenLines = [
  `stonith_hos * fence_x password=${planted}`,
  `stonith_host * fence_x ${planted}`,
  `stonith fence_x ${planted}`,
  `stonith_host * fence_x a=b \\\n password=${planted}`,
  `witness_auth bob ${planted}`,
  `password=${planted}`,
];

interface Text {
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects what was said, by whom it may have been. */
function newSaid() {
  const texts: string[] = [];
  const add = (...all: readonly Text[]): void => {
    for (const { stdout, stderr } of all) texts.push(stdout, stderr);
  };
  return {
    add,

    /** Asks everything that can be asked without moving anything. */
    async ask(node: Node): Promise<void> {
      for (const command of ["status", "history", "why", "check"]) {
        add(await node.cli(command), await node.cli(command, "--json"));
      }
      add(await node.cli("check", "--migration"), await node.cli("takeover", "nothing"));
      for (const { method, path } of Object.values(routes)) {
        if (method === "GET") add({ stdout: await answerOf(node, path), stderr: "" });
      }
      add({ stdout: environmentsOf(node), stderr: node.commands().join("\n") });
    },
    mustNotContain(secret: string): void {
      expect(texts.join("").length).toBeGreaterThan(10_000);
      expect(texts.filter((each) => each.includes(secret))).toEqual([]);
    },
  };
}

async function refused({ daemon }: Node): Promise<void> {
  const news = daemon.fromNow();
  daemon.signal("SIGHUP");
  await news.told("reload-refused");
}

function writeKeys(haDir: string, lines: readonly string[]): void {
  writeFileSync(join(haDir, "authkeys"), lines.map((line) => `${line}\n`).join(""));
}

function answerOf({ runDir }: Node, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get({ socketPath: join(runDir, socketName), path }, (response) => {
      text(response).then(resolve, reject);
    });
    asked.on("error", reject);
  });
}

/** Of everything that runs on the machine, the daemon included (proc_pid_environ(5)). */
function environmentsOf({ namespace }: Node): string {
  return namespace
    .pids()
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8");
      } catch {
        // It has ended meanwhile.
        return "";
      }
    })
    .join("\n");
}

function filesBelow(folder: string): readonly Text[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ stdout: readFileSync(path, "utf8"), stderr: "" }));
}

/** A fence agent that prints what it was given, waits, and fails. */
function newDevice() {
  const folder = mkdtempSync(join(tmpdir(), "us-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [given, runs, go] = ["given", "runs", "go"].map((name) => join(folder, name));
  const script = `#!/bin/sh
cat >${folder}/in
cat ${folder}/in >>${given}
password=$(sed -n s/password=//p ${folder}/in)
cat ${folder}/in
touch ${runs}
until [ -e ${go} ]; do sleep 0.02; done
echo "login with $password failed" >&2
exit 1
`;
  writeFileSync(join(folder, "fence_planted"), script, { mode: 0o755 });
  const parameters = join(folder, "parameters");
  writeFileSync(parameters, `ip=10.9.9.8\npassword=${planted}-file\n`, { mode: 0o600 });
  return {
    name: "fence_planted",
    parameters,
    given: given!,
    runs: runs!,
    path: `${folder}:${process.env["PATH"]}`,
    goOn: () => writeFileSync(go!, ""),
  };
}
