import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { bind, receive } from "../../../src/linux/syscall.ts";

test("a refused call is told by its name and that of the error", () => {
  expect(bind(-1, new Uint8Array(16))).toEqual({
    ok: false,
    error: { call: "bind", errno: "EBADF" },
  });
  expect(receive(-1, new Uint8Array(16))).toEqual({
    ok: false,
    error: { call: "recv", errno: "EBADF" },
  });
});

test("the process ends at once with its status, and no handler can delay it", () => {
  const door = new URL("../../../src/linux/index.ts", import.meta.url).href;
  const script = `
    import { exitNow } from ${JSON.stringify(door)};
    process.on("exit", () => console.log("a handler"));
    exitNow(70);`;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script]);
  expect({ status: child.status, said: child.stdout.toString() }).toEqual({ status: 70, said: "" });
});
