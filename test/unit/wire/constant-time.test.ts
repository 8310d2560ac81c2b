/**
 * How long a comparison takes must not tell how much of a forged signature was right. A clock is too
 * coarse to show that on a busy machine, so the source is read.
 */
import { expect, test } from "vitest";
import { filesBelow, read } from "../project.ts";

const auth = read("src/wire/auth.ts");

test("every digest that is expected, of whatever method, goes into the comparison in constant time", () => {
  const [, verify = ""] = /export function verify\(([^]*?)\n\}\n/.exec(auth) ?? [];
  const made = [...verify.matchAll(/digestOf\(/g)].length;
  expect(made).toBeGreaterThan(0);
  expect([...verify.matchAll(/isSame\(digestOf\(/g)]).toHaveLength(made);
  // crc has no way of its own past it: what a method makes is text by then.
  expect(verify).not.toMatch(/\bcrc/);
  const [, isSame = ""] = /function isSame\(([^]*?)\n\}\n/.exec(auth) ?? [];
  expect(isSame).toMatch(/return timingSafeEqual\(/);
  expect(isSame.match(/===|!==|\.equals\(|\.compare\(/g)).toEqual(["!=="]);
});

test("nobody else compares signatures", () => {
  const others = filesBelow("src").filter(({ path }) => path !== "src/wire/auth.ts");
  for (const { path, text } of others) {
    expect(
      /createHmac|timingSafeEqual|crc32\(/.test(text) && path !== "src/wire/crc.ts",
      path,
    ).toBe(false);
  }
});
