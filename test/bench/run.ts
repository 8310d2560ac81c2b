/**
 * `npm run bench -- pair|many|nodes|flat|soak|small`: one benchmark, with the arguments that follow its
 * name. Each is a file beside this one that exports `main`. They measure and print; what is broken is for
 * the tests to find.
 */
import { existsSync } from "node:fs";

/** Ends with the exit status of the process. */
type Main = (args: readonly string[]) => Promise<0 | 1>;

const benchmarks = ["pair", "many", "nodes", "flat", "soak", "small"] as const;

// Namespaces are removed at the exit of the process, however it comes about: see namespace.ts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));
process.exitCode = await run(process.argv.slice(2));

/** Without a name it is the first. */
async function run(words: readonly string[]): Promise<0 | 1> {
  const [first = ""] = words;
  const isNamed = first !== "" && !first.startsWith("-");
  const name = isNamed ? first : benchmarks[0];
  const file = new URL(`${name}.ts`, import.meta.url);
  if (!benchmarks.some((each) => each === name) || !existsSync(file)) {
    console.error(`bench: there is no ${name}: ${benchmarks.join(", ")}`);
    return 1;
  }
  const main = mainOf(await import(file.href));
  return await main(isNamed ? words.slice(1) : words);
}

function mainOf(module: unknown): Main {
  if (!hasMain(module)) throw new Error("a benchmark exports main");
  return module.main;
}

function hasMain(module: unknown): module is { readonly main: Main } {
  return typeof module === "object" && module !== null && "main" in module;
}
