import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Input } from "../../../src/core/index.ts";
import { mediumName } from "../../../src/core/index.ts";
import type { Medium } from "../../../src/daemon/medium.ts";
import { openSerial } from "../../../src/daemon/serial.ts";

let folder: string;
const [here, there] = ["here", "there"] as const;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-serial-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const path = (end: string) => join(folder, end);

/** A null-modem cable between two pseudo-terminals. @returns pulls it out */
async function plugCable(settings = "raw,echo=0"): Promise<() => Promise<void>> {
  const ends = [here, there].map((end) => `pty,${settings},link=${path(end)}`);
  const cable = spawn("socat", ends, { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => void cable.once("exit", () => resolve()));
  const pull = (): Promise<void> => {
    cable.kill("SIGTERM");
    return gone;
  };
  onTestFinished(pull);
  await seen(() => existsSync(path(here)) && existsSync(path(there)));
  return pull;
}

interface Line extends Medium {
  readonly inputs: Input[];
  readonly heard: string[];
}

function open(end: string): Line {
  const inputs: Input[] = [];
  const heard: string[] = [];
  const medium = openSerial({
    config: { type: "serial", name: mediumName("tty"), device: path(end), baud: 19_200 },
    post: (input) => inputs.push(input),
    receive: (bytes) => heard.push(Buffer.from(bytes).toString("latin1")),
  });
  onTestFinished(() => medium.close());
  return { ...medium, inputs, heard };
}

const message = (text: string) => `>>>\nt=status\ntext=${text}\n<<<\n`;

const say = (line: Line, text: string) => line.send(Buffer.from(message(text), "latin1"));

const seen = (what: () => unknown): Promise<void> =>
  vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 10_000, interval: 5 });

const faults = ({ inputs }: Line) =>
  inputs.flatMap((input) => (input.type === "medium" ? [input.fault] : []));

test("what is said at one end is heard at the other, byte for byte, and not at home", async () => {
  // As a terminal for people has it: with echo, and lines that can be edited.
  await plugCable("sane");
  const [one, two] = [open(here), open(there)];
  // Flow control, interrupts, erasing, line ends: all that a terminal would take for itself.
  const special = String.fromCharCode(...Array.from({ length: 255 }, (_, code) => code + 1));
  const text = special.replace("\n", "");
  say(one, text);
  say(two, "back");
  await seen(() => two.heard.length > 0 && one.heard.length > 0);
  expect(two.heard).toEqual([message(text)]);
  expect(one.heard).toEqual([message("back")]);
  expect(faults(one)).toEqual([undefined]);
});

test("garbage on the line is counted, and what follows is heard", async () => {
  await plugCable();
  const [one, two] = [open(here), open(there)];
  one.send(Buffer.from("\xff\x00garbage>>\n<<<\n", "latin1"));
  say(one, "after");
  await seen(() => two.heard.length);
  expect(two.heard).toEqual([message("after")]);
  expect(two.inputs).toContainEqual({
    type: "rejected",
    medium: "tty",
    reason: "malformed",
    count: 1,
  });
});

test("a device that is not there is told once, and opened when it appears", async () => {
  const one = open(here);
  say(one, "nobody");
  say(one, "nobody");
  expect(faults(one)).toEqual(["open: ENOENT"]);
  await plugCable();
  const two = open(there);
  say(one, "hello");
  await seen(() => two.heard.length);
  expect(two.heard).toEqual([message("hello")]);
  expect(faults(one)).toEqual(["open: ENOENT", undefined]);
});

test("a device that goes and returns is opened again", async () => {
  const pull = await plugCable();
  const one = open(here);
  await pull();
  await seen(() => faults(one).length === 2);
  expect(faults(one)).toEqual([undefined, "the device has gone"]);
  await plugCable();
  const two = open(there);
  say(one, "again");
  await seen(() => two.heard.length);
  expect(faults(one).at(-1)).toBeUndefined();
});

test("a line that nobody reads loses what is said, counts it, and never keeps us waiting", async () => {
  await plugCable();
  const one = open(here);
  const from = performance.now();
  const failed = () => one.inputs.filter(({ type }) => type === "sendFailed");
  for (let count = 0; count < 20_000 && failed().length < 10; count += 1) say(one, "x".repeat(400));
  expect(failed().slice(0, 10)).toEqual(
    Array.from({ length: 10 }, () => ({ type: "sendFailed", medium: "tty", errno: "EAGAIN" })),
  );
  expect(performance.now() - from).toBeLessThan(5000);
  // What was cut is completed: all that arrives is whole messages.
  const two = open(there);
  await seen(() => two.heard.length > 3);
  await seen(() => {
    say(one, "after");
    return two.heard.at(-1) === message("after");
  });
  expect(new Set(two.heard)).toEqual(new Set([message("x".repeat(400)), message("after")]));
});

test("what is no terminal is told, and not written to", () => {
  writeFileSync(path(here), "");
  expect(faults(open(here))).toEqual(["tcgetattr: ENOTTY"]);
});
