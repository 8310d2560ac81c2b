/**
 * `npm run demo`: a primary, a backup, a switch and a client, as network namespaces of this
 * machine. The primary dies, returns, and takes back by hand what was its; the client measures.
 *
 * Ends with exit status 0 and the line `demo: failover ... ms (deadtime ... ms), planned ... ms`.
 * Whatever happens, nothing of it is left behind.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "./lab/client.ts";
import type { Cluster } from "./lab/cluster.ts";
import { createCluster } from "./lab/cluster.ts";
import { timing, virtualIp } from "./lab/ha-files.ts";
import { missingRequirement } from "./lab/requirements.ts";
import { until } from "./lab/until.ts";

const [primary, backup] = ["primary", "backup"] as const;
const startedAt = performance.now();

// Namespaces are removed at the exit of the process, however it comes about: see namespace.ts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(1));
}
process.exitCode = await main();

async function main(): Promise<0 | 1> {
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`demo: ${missing}`);
    return 1;
  }
  let cluster: Cluster | undefined;
  try {
    cluster = await createCluster({ nodes: [primary, backup] });
    await tell(cluster);
    return 0;
  } catch (error) {
    console.error(`demo: failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    cluster?.remove();
  }
}

async function tell(cluster: Cluster): Promise<void> {
  const { node } = cluster;
  say("Two nodes and a client on one switch; the nodes have a second cable for heartbeats.");
  say(`The virtual IP ${virtualIp} is at home on the primary. The files are the same on both:`);
  show(filesOf(node(primary).haDir));
  await cluster.start();
  say("Both daemons run. The client asks once a millisecond, and the primary answers.");

  const failover = await killPrimary(cluster);
  await bringBack(cluster);
  const planned = await takeover(cluster);
  say("Cleaning up.");
  console.log(
    `demo: failover ${failover} ms (deadtime ${timing.deadtime} ms), planned ${planned} ms`,
  );
}

async function killPrimary({ node, client }: Cluster): Promise<number> {
  say("The primary loses its power: both cables go dark, its daemon is killed with SIGKILL.");
  await node(primary).powerOff();
  await client.answeredBy(backup);
  const outage = await moveOf(client);
  say(`The backup answers. The client was without an answer for ${outage} ms.`);
  say("understudy status, on the backup:");
  show((await node(backup).cli("status")).stdout);
  return outage;
}

async function bringBack({ node, client }: Cluster): Promise<void> {
  say("The primary comes back. auto_failback is off: it becomes the standby, and nothing moves.");
  client.begin();
  node(primary).powerOn();
  node(primary).start();
  await node(backup).shows("the primary as a standby", ({ redundancy }) => {
    return redundancy.state === "ok";
  });
  await client.answeredBy(backup);
}

async function takeover({ node, client }: Cluster): Promise<number> {
  say("The operator takes it back: understudy takeover --wait, on the primary:");
  client.begin();
  const { code, stdout, stderr } = await node(primary).cli("takeover", "--wait");
  show(stdout + stderr);
  if (code !== 0) throw new Error(`takeover ended with ${code}`);
  await client.answeredBy(primary);
  const outage = await moveOf(client);
  say(`The primary answers. The client was without an answer for ${outage} ms.`);
  return outage;
}

/** For how long the client had no answer, while the answering node changed: in milliseconds. */
async function moveOf(client: Client): Promise<number> {
  return Math.round(await until("the client's view of the move", () => client.view().moveMs));
}

function filesOf(haDir: string): string {
  return ["ha.cf", "haresources"]
    .map((file) => `${file}\n${readFileSync(join(haDir, file), "utf8").replace(/^/gm, "  ")}`)
    .join("\n");
}

function say(sentence: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${sentence}`);
}

function show(text: string): void {
  for (const line of text.trimEnd().split("\n")) console.log(`         | ${line}`.trimEnd());
}
