/**
 * A test that needs a cluster of its own: made before it, removed after it, shown if it fails.
 */
import { onTestFailed, onTestFinished } from "vitest";
import type { Cluster, ClusterOptions } from "./cluster.ts";
import { createCluster } from "./cluster.ts";
import { missingRequirement } from "./requirements.ts";

const missing = missingRequirement();
if (missing !== undefined) {
  if (process.env["CI"] !== undefined) throw new Error(`the clusters cannot be made: ${missing}`);
  console.warn(`the tests of real clusters are skipped: ${missing}`);
}

/** For `describe.skipIf`. Says why; where CI is set, it fails instead. */
export const cannotRun: boolean = missing !== undefined;

/** A cluster for the test that calls it. No daemon runs yet. */
export async function newCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await createCluster(options);
  onTestFailed(() => showLogs(cluster));
  onTestFinished(() => cluster.remove());
  return cluster;
}

/** The same, with all daemons running and the first node answering the client. */
export async function runningCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await newCluster(options);
  await cluster.start();
  return cluster;
}

function showLogs({ nodes, client }: Cluster): void {
  for (const node of nodes) {
    for (const { time, level, code, msg, ...rest } of node.story()) {
      console.log(
        `${node.name} ${String(time)} ${level} ${String(code)} ${msg} ${JSON.stringify(rest)}`,
      );
    }
  }
  console.log(`the client's view: ${JSON.stringify(client.view(), null, 1)}`);
}
