/**
 * The parsers of the files.
 */
import { readdirSync, readFileSync } from "node:fs";
import { directives } from "../../src/config/directives.ts";
import type { Config, Diagnostic, Parsed } from "../../src/config/index.ts";
import { hasError, readConfig, render } from "../../src/config/index.ts";
import type { Target } from "./target.ts";
import { holds, planted, same, wordsOf } from "./target.ts";

const sound = {
  "ha.cf": "node alpha beta\nbcast eth0\nauto_failback on\n",
  haresources: "alpha 10.0.0.1/24/eth0 web::a\n",
  authkeys: "auth 1\n1 sha256 correct-horse\n",
} as const;
type File = keyof typeof sound;

const values = ["alpha", "beta", "eth0", "on", "off", "10", "500ms", "1m", "0", "-1", "239.0.0.1"];
const places = [
  "/dev/ttyS0",
  "/bin/true",
  "/",
  "694",
  "65536",
  "\\\n",
  "#",
  "\r\n",
  "\t",
  ",",
  "=",
];
const resources = [
  "10.0.0.1/24/eth0:1",
  "IPaddr2::10.0.0.2",
  "IPv6addr::fe80::1/64/eth0",
  "::",
  ":",
];
const agents = ["ocf::heartbeat:Dummy::a=b", "systemd::nginx", "web::arg", `x::${planted}`];

const secretLines = [
  `stonith_host * fence_x password=${planted}\n`,
  `stonith_host alpha external/x ${planted}\n`,
  `stonith fence_x ${planted}\n`,
  `stonith_host * fence_x a=b \\\nstonith_host ${planted}\n`,
  `witness_auth bob ${planted}\n`,
];

/** Lines of the directives that hold passwords, and what was meant to be the rest of one. */
const confidential = /^[ \t]*(?:stonith|stonith_host|witness_auth)[ \t]/;

export const configTargets: readonly Target[] = [
  {
    name: "config-ha-cf",
    words: [
      ...directives.keys(),
      ...wordsOf("config"),
      ...values,
      ...places,
      ...secretLines,
      "::1",
    ],
    seeds: () => examplesOf("ha.cf"),
    check(input) {
      const text = input.toString("utf8");
      const isSecret = text
        .split("\n")
        .every((line) => confidential.test(line) || !line.includes(planted));
      checkFile("ha.cf", text, isSecret);
    },
  },
  {
    name: "config-haresources",
    words: [...wordsOf("config"), ...values, ...places, ...resources, ...agents],
    seeds: () => examplesOf("haresources"),
    check: (input) => checkFile("haresources", input.toString("utf8"), false),
  },
  {
    name: "config-authkeys",
    words: ["auth ", "1 ", "15 ", "crc", "md5 ", "sha1 ", "sha256 ", "sha512 ", planted, "#", "\n"],
    seeds: () => [...examplesOf("authkeys"), Buffer.from(`auth 1\n1 sha1 ${planted}\n`)],
    check: (input) => checkFile("authkeys", input.toString("utf8"), true),
  },
];

function examplesOf(file: File): readonly Buffer[] {
  const folder = new URL("../../ha.d/", import.meta.url);
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(file))
    .map((path) => readFileSync(new URL(path, folder)));
  return [Buffer.from(sound[file]), ...found];
}

function readWith(file: File, text: string): Parsed<Config | undefined> {
  const source = (name: File) => ({ file: name, text: name === file ? text : sound[name] });
  return readConfig({
    haCf: source("ha.cf"),
    haresources: source("haresources"),
    authkeys: { ...source("authkeys"), mode: 0o600 },
    hostname: "alpha",
  });
}

function checkFile(file: File, text: string, isSecret: boolean): void {
  const read = readWith(file, text);
  const { value, diagnostics } = read;
  same("a file that is read twice", readWith(file, text), read);
  holds((value === undefined) === hasError(diagnostics), "a configuration if nothing is an error");
  const lines = text.split("\n");
  for (const each of diagnostics.filter((found) => found.file === file)) {
    checkPlace(each, lines);
    const printed = render(each, text);
    // oxlint-disable-next-line no-control-regex -- Control characters are what this is about.
    holds(!/[\0-\x09\x0b-\x1f\x7f]/.test(printed), `no control characters: ${printed}`);
    if (isSecret) holds(!`${printed}${each.message}`.includes(planted), `no secret: ${printed}`);
  }
  // Another comment changes nothing, whatever stands above it.
  if (/\\\s*$/.test(text)) return;
  const longer = readWith(file, `${text}\n# nothing\n`);
  same("a file with a comment", factsOf(longer.value), factsOf(value));
}

/** Without what changes with the place of a line. */
function factsOf(config: Config | undefined): object | undefined {
  return config && { core: config.core, media: config.media, keys: config.keys };
}

function checkPlace({ line, column, length }: Diagnostic, lines: readonly string[]): void {
  if (line === 0) return;
  const shown = lines[line - 1];
  holds(shown !== undefined, `line ${line} of the file`);
  const end = (shown?.length ?? 0) + 1;
  holds(column > 0 && column - 1 + length <= end, `a place in line ${line}: ${column}+${length}`);
}
