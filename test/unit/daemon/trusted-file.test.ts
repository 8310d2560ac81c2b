import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { distrust, isExecutable } from "../../../src/daemon/trusted-file.ts";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-trust-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A path below the folder, made of folders and a file that nobody else may write. */
function made(...names: readonly string[]): string {
  const [file = "", ...folders] = names.toReversed();
  const parent = join(folder, ...folders.toReversed());
  mkdirSync(parent, { recursive: true });
  writeFileSync(join(parent, file), "", { mode: 0o755 });
  return join(parent, file);
}

function link(target: string, ...names: readonly string[]): string {
  const path = join(folder, ...names);
  symlinkSync(target, path);
  return path;
}

describe("a file is trusted", () => {
  test("if nobody else may write it, nor a folder above it; a sticky one is none of those", () => {
    // The folder of this test is below /tmp.
    expect(distrust(made("etc", "resource.d", "web"))).toBeUndefined();
  });

  test("through links whose ways are as good", () => {
    made("opt", "web", "start");
    link("../opt/web", "opt", "..", "current");
    link("/", "root");
    expect(distrust(join(folder, "opt", ".", "web", "..", "web", "start"))).toBeUndefined();
    const path = link("opt/web", "web");
    expect(distrust(join(path, "start"))).toBeUndefined();
    expect(distrust(join(folder, "root", folder, "web", "start"))).toBeUndefined();
  });
});

describe("a file is not trusted, and the component is named,", () => {
  test.each([
    ["the group may write it", 0o775, "0775"],
    ["others may write it", 0o757, "0757"],
    ["others may write it, and it has the sticky bit, which says nothing of files", 0o1757, "1757"],
  ])("if %s", (_, mode, octal) => {
    const file = made("etc", "web");
    chmodSync(file, mode);
    expect(distrust(file)).toBe(
      `${file} may be written by others (mode ${octal}): chmod go-w ${file}`,
    );
  });

  test("if others may write a folder above it", () => {
    const file = made("etc", "resource.d", "web");
    chmodSync(join(folder, "etc"), 0o777);
    expect(distrust(file)).toContain(`${folder}/etc may be written by others (mode 0777)`);
  });

  test("if others may write the folder that a link leads into, or through", () => {
    made("opt", "web", "start");
    made("etc", "x");
    link("../opt/web/start", "etc", "web");
    chmodSync(join(folder, "opt"), 0o770);
    expect(distrust(join(folder, "etc", "web"))).toContain(`chmod go-w ${folder}/opt`);
    chmodSync(join(folder, "opt"), 0o755);
    expect(distrust(join(folder, "etc", "web"))).toBeUndefined();
    // The link itself can be replaced.
    chmodSync(join(folder, "etc"), 0o770);
    expect(distrust(join(folder, "etc", "web"))).toContain(`chmod go-w ${folder}/etc`);
  });

  test.skipIf(!isRoot)("if it, a link to it, or a folder above it is another user's", () => {
    const file = made("etc", "web");
    const path = link("etc/web", "web");
    lchownSync(path, nobody, 0);
    expect(distrust(path)).toContain(`${path} belongs to user ${nobody}`);
    expect(distrust(path, nobody)).toBeUndefined();
    expect(distrust(file)).toBeUndefined();
    lchownSync(join(folder, "etc"), nobody, 0);
    expect(distrust(file)).toContain(`${folder}/etc belongs to user ${nobody}`);
    lchownSync(join(folder, "etc"), 0, 0);
    lchownSync(file, nobody, 0);
    expect(distrust(file)).toContain(`chown root ${file}`);
  });

  test.skipIf(!isRoot)("if another could put it into a sticky folder", () => {
    mkdirSync(join(folder, "drop"));
    chmodSync(join(folder, "drop"), 0o1777);
    const file = made("drop", "web");
    expect(distrust(file)).toBeUndefined();
    lchownSync(file, nobody, nobody);
    expect(distrust(file)).toContain(`${file} belongs to user ${nobody}`);
  });

  test("if it is not there, or a link leads to itself, or through a file", () => {
    expect(distrust(join(folder, "nothing"))).toBe(`there is no ${folder}/nothing`);
    const path = link("loop", "loop");
    expect(distrust(path)).toBe(`${path} has too many symbolic links`);
    expect(distrust(join(made("file"), "web"))).toContain("ENOTDIR");
  });
});

test("what can be executed is a file, and not for reading only", () => {
  const file = made("web");
  expect([file, folder, join(folder, "nothing")].map(isExecutable)).toEqual([true, false, false]);
  chmodSync(file, 0o644);
  expect(isExecutable(file)).toBe(false);
});
