import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";

const root = new URL("../", import.meta.url).pathname;

/** One project for each kind of test, from the quickest to the slowest. See test/README.md. */
const kinds = ["unit", "trace", "sim", "fuzz", "interop", "netns"] as const;

/**
 * Real daemons and real networks, one kind after the other, so that they do not load each other. A
 * test with an original heartbeat waits most of its time; one that measures runs alone.
 */
const ofReal: Readonly<Record<string, TestProjectInlineConfiguration["test"]>> = {
  interop: {
    maxWorkers: 4,
    testTimeout: 240_000,
    hookTimeout: 60_000,
    sequence: { groupOrder: 1 },
  },
  netns: {
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    sequence: { groupOrder: 2 },
  },
};

const config: ViteUserConfig = {
  root,
  test: {
    projects: kinds.map((name) => ({
      root,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        ...ofReal[name],
      },
    })),
  },
};

export default config;
