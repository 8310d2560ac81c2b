import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeUuid } from "../../../src/daemon/identity.ts";

let folder: string;
let dirs: { readonly stateDir: string; readonly heartbeatDir: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-identity-"));
  dirs = { stateDir: join(folder, "ours"), heartbeatDir: join(folder, "theirs") };
});

afterEach(() => rmSync(folder, { recursive: true }));

const ours = () => join(dirs.stateDir, "hb_uuid");
const theirs = () => join(dirs.heartbeatDir, "hb_uuid");

test("the first start makes 16 random bytes, for the owner only, and every later one has them", () => {
  const { uuid, fault } = nodeUuid(dirs);
  expect(fault).toBeUndefined();
  expect(uuid).toHaveLength(16);
  expect(statSync(ours()).mode & 0o777).toBe(0o600);
  expect(nodeUuid(dirs).uuid).toEqual(uuid);
  expect(existsSync(dirs.heartbeatDir)).toBe(false);
  rmSync(ours());
  expect(nodeUuid(dirs).uuid).not.toEqual(uuid);
});

test("the original's is continued, and kept when its folder goes", () => {
  mkdirSync(dirs.heartbeatDir);
  const before = nodeUuid({ ...dirs, heartbeatDir: "/nowhere" }).uuid;
  const original = Buffer.from("e3697 2a4110000".padEnd(16, "x"), "latin1");
  writeFileSync(theirs(), original);
  expect(nodeUuid(dirs).uuid).toEqual(original);
  expect(original).not.toEqual(before);
  rmSync(dirs.heartbeatDir, { recursive: true });
  expect(nodeUuid(dirs).uuid).toEqual(original);
});

test.each([
  ["none", undefined],
  ["one that is too short", Buffer.alloc(15, 1)],
  ["one of nothing but zeros", Buffer.alloc(16)],
])("where the original has %s, it finds ours", (_, bytes) => {
  mkdirSync(dirs.heartbeatDir);
  if (bytes !== undefined) writeFileSync(theirs(), bytes);
  const { uuid } = nodeUuid(dirs);
  expect(readFileSync(theirs())).toEqual(uuid);
  expect(uuid.some((byte) => byte !== 0)).toBe(true);
});

test("one that cannot be saved is told, and used", () => {
  writeFileSync(dirs.stateDir, "no folder");
  const { uuid, fault } = nodeUuid(dirs);
  expect(fault).toMatch(/EEXIST|ENOTDIR/);
  expect(uuid).toHaveLength(16);
});
