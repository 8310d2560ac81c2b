/**
 * The documents say what is so: their tables, their examples, the commands and files they name.
 */
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../src/cli/index.ts";
import { hasError, headline, readConfig } from "../../src/config/index.ts";
import { programOf, withTables } from "../tools/generated-tables.ts";
import { isThere, read } from "./project.ts";

const readme = read("README.md");
const documents = ["README.md", "src/README.md", "test/README.md"];

test("the tables of README.md are those of the program: else run npx node test/tools/readme-tables.ts", () => {
  expect(readme).toBe(withTables(readme));
});

describe("the examples of README.md", () => {
  const examples = {
    haCf: blocks("ha.cf"),
    haresources: blocks("haresources"),
    authkeys: blocks("authkeys"),
  };
  const first = {
    haCf: examples.haCf[0] ?? "",
    haresources: examples.haresources[0] ?? "",
    authkeys: examples.authkeys[0] ?? "",
  };

  test("are there, of each file", () => {
    expect(Object.values(examples).filter((texts) => texts.length === 0)).toEqual([]);
  });

  test("are a sound pair, the first of each, without so much as a warning", () => {
    for (const node of ["node1", "node2"]) expect(said(first, node)).toEqual([]);
  });

  test.each([
    ...examples.haCf.map((haCf) => ({ ...first, haCf })),
    ...examples.haresources.map((haresources) => ({ ...first, haresources })),
    ...examples.authkeys.map((authkeys) => ({ ...first, authkeys })),
  ])("have no error: %#", (files) => {
    expect(said(files, "node1", true)).toEqual([]);
  });
});

describe("README.md names", () => {
  const program = programOf();

  test("commands and options that there are", () => {
    const wrong = callsIn(readme).filter(({ name, options }) => {
      const command = program.commands.find((each) => each.name() === name);
      const known = [...program.options, ...(command?.options ?? [])].map(({ long }) => long);
      const isKnown = name === "" || command !== undefined;
      return !isKnown || options.some((each) => each !== "--help" && !known.includes(each));
    });
    expect(wrong).toEqual([]);
    expect(callsIn(readme).length).toBeGreaterThan(10);
  });

  test("every exit status that all commands have in common", () => {
    for (const code of Object.values(exitCodes)) expect(readme).toContain(`\n| ${code} | `);
  });

  test("the Debian packages that continuous integration installs for the tests", () => {
    const list = /^packages=\(\n(.*?)^\)/ms.exec(read(".ci/run"))?.[1] ?? "";
    const packages = list.replaceAll(/#.*$/gm, "").trim().split(/\s+/);
    expect(readme).toContain(`| \`npm ci && npm test\` | \`${packages.join(" ")}\` |`);
  });

  test("npm scripts that there are", () => {
    const scripts = [...readme.matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name);
    expect(scripts).toContain("demo");
    expect(scripts.filter((name) => !read("package.json").includes(`"${name}": "`))).toEqual([]);
  });
});

describe("the manual page names", () => {
  const manual = read("man/understudy.8");
  const program = programOf();
  /** What stands behind `.TP` in a section, without its escapes. */
  const termsOf = (section: string): readonly string[] => {
    const text = new RegExp(`^\\.SH ${section}\\n(.*?)^\\.SH`, "ms").exec(manual)?.[1] ?? "";
    return [...text.matchAll(/^\.TP\n\.BI? ([^ \n]+)/gm)].map(([, term = ""]) =>
      term.replaceAll("\\-", "-"),
    );
  };

  test("every command, in the order of the program", () => {
    expect(termsOf("COMMANDS")).toEqual(program.commands.map((command) => command.name()));
  });

  test("every option that all commands have", () => {
    const options = program.options.map(({ long }) => long);
    expect(new Set(termsOf("OPTIONS"))).toEqual(new Set(options));
  });

  test("only options that there are", () => {
    const named = [...manual.matchAll(/\\-\\-([a-z]+(?:\\-[a-z]+)*)/g)].map(
      ([, name = ""]) => `--${name.replaceAll("\\-", "-")}`,
    );
    const commands = [program, ...program.commands];
    const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

test.each(documents)("%s links to files, and names files, that there are", (document) => {
  const text = read(document);
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link = ""]) =>
    posix.join(posix.dirname(document), link),
  );
  const named = [...text.matchAll(/`((?:src|test|ha\.d|systemd)\/[\w./-]+)`/g)].map(
    ([, path = ""]) => path,
  );
  expect([...links, ...named].filter((path) => !isThere(path))).toEqual([]);
});

/** A call of the program: `understudy standby all --wait`. */
interface Call {
  readonly name: string;
  readonly options: readonly string[];
}

/** The calls in a text: between backquotes, and behind the prompts of what was typed. */
function callsIn(text: string): readonly Call[] {
  const quoted = [...text.matchAll(/`(understudy [^`\n]+)`/g)].map(([, call = ""]) => call);
  const typed = [...text.matchAll(/^[\w-]+# (?:\(umask 077; )?(understudy [^>\n]+)/gm)];
  return [...quoted, ...typed.map(([, call = ""]) => call)].map((call) => {
    const words = call.trim().split(/ +/).slice(1);
    const [name = ""] = words.filter((word) => !word.startsWith("--"));
    return { name, options: words.filter((word) => word.startsWith("--")) };
  });
}

/** The texts of the fenced blocks of a kind. */
function blocks(kind: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${kind.replace(".", "\\.")}\\n(.*?)^\`\`\`$`, "gms");
  return [...readme.matchAll(fence)].map(([, text = ""]) => text);
}

interface Files {
  readonly haCf: string;
  readonly haresources: string;
  readonly authkeys: string;
}

/** What is said of files by `understudy check`; of a part of an example only its errors. */
function said(files: Files, hostname: string, errorsOnly = false): readonly string[] {
  const { diagnostics } = readConfig({
    haCf: { file: "ha.cf", text: files.haCf },
    haresources: { file: "haresources", text: files.haresources },
    authkeys: { file: "authkeys", text: files.authkeys, mode: 0o600 },
    hostname,
  });
  return diagnostics.filter((each) => !errorsOnly || hasError([each])).map(headline);
}
