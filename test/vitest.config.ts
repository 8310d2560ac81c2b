import type { ViteUserConfig } from "vitest/config";

const root = new URL("../", import.meta.url).pathname;

/** One project for each kind of test, from the quickest to the slowest. See test/README.md. */
const kinds = ["unit", "trace", "sim", "interop", "netns"] as const;

const config: ViteUserConfig = {
  root,
  test: {
    projects: kinds.map((name) => ({
      root,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        // Real daemons and real networks: one file at a time, so that they do not load each other.
        ...(name === "netns"
          ? { fileParallelism: false, testTimeout: 120_000, hookTimeout: 60_000 }
          : {}),
      },
    })),
  },
};

export default config;
