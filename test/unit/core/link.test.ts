import { describe, expect, test } from "vitest";
import type { Mark } from "../../../src/core/link.ts";
import { hearOnLink, judgeLink, linkJudgementDue, newLink } from "../../../src/core/link.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0, timing } from "../../sim/configs.ts";
import { beta } from "./support.ts";

const mark: Mark = { generation: 5, sequence: 10 };

/** A link on which `mark` came at the moment 0. */
function heardLink() {
  const link = newLink(eth0);
  const notice = hearOnLink(link, beta, mark, instant(0));
  return { link, notice };
}

function judged(link: ReturnType<typeof newLink>, at: number) {
  return judgeLink(link, beta, timing, instant(at));
}

test("a link is up at the first heartbeat, which is told, and says no more while they come", () => {
  const { link, notice } = heardLink();
  expect(notice).toEqual({ code: "link-up", peer: beta, medium: eth0 });
  expect(hearOnLink(link, beta, { ...mark, sequence: 11 }, instant(1))).toBeUndefined();
});

test("a link on which nothing ever came is not known to be dead", () => {
  const link = newLink(eth0);
  expect(judged(link, 1e9)).toBeUndefined();
  expect(linkJudgementDue(link, timing)).toBeUndefined();
});

test("a link is late at warntime and dead at deadtime, not before, once each", () => {
  const { link } = heardLink();
  expect(linkJudgementDue(link, timing)).toBe(2000);
  expect(judged(link, 1999)).toBeUndefined();
  expect(judged(link, 2000)).toMatchObject({ code: "link-late", silent: 2000 });
  expect(linkJudgementDue(link, timing)).toBe(4000);
  expect(judged(link, 3999)).toBeUndefined();
  const dead = { code: "link-dead", peer: beta, medium: eth0, silent: 4000 };
  expect(judged(link, 4000)).toEqual(dead);
  expect(judged(link, 5000)).toBeUndefined();
  expect(linkJudgementDue(link, timing)).toBeUndefined();
});

describe("after generation 5, sequence 10 a link is kept alive by", () => {
  test.each([
    ["the next heartbeat", { generation: 5, sequence: 11 }, true],
    ["the first of a later start", { generation: 6, sequence: 1 }, true],
    ["no copy", mark, false],
    ["no earlier one that took a longer way", { generation: 5, sequence: 9 }, false],
    ["no replay from an earlier start", { generation: 4, sequence: 99 }, false],
  ])("%s", (_, next, keeps) => {
    const { link } = heardLink();
    hearOnLink(link, beta, next, instant(3999));
    expect(judged(link, 4000)?.code).toBe(keeps ? undefined : "link-dead");
  });
});

test("a dead link on which something new comes is up again, which is told", () => {
  const { link } = heardLink();
  judged(link, 4000);
  expect(hearOnLink(link, beta, mark, instant(5000))).toBeUndefined();
  const next = { ...mark, sequence: 20 };
  expect(hearOnLink(link, beta, next, instant(5000))?.code).toBe("link-up");
});
