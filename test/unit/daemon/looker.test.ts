import { expect, test } from "vitest";
import type { AddressFact, Input } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { openLooker } from "../../../src/daemon/looker.ts";
import { round } from "./round.ts";

test("what is found is told when it is new, and when something was done", async () => {
  let present: AddressFact["present"] = "absent";
  let looks = 0;
  const posted: Input[] = [];
  const host = {
    look() {
      looks += 1;
      const none = { obstacle: undefined, doubt: undefined };
      const mac = "02:00:00:00:00:01";
      return [{ group: groupName("web"), resource: "10.0.0.100", present, ...none, mac }];
    },
  };
  const looker = openLooker(
    host,
    () => [],
    (input) => posted.push(input),
  );
  looker.look();
  looker.look();
  expect(posted).toHaveLength(1);
  present = "ours";
  looker.look();
  looker.look();
  expect(posted).toHaveLength(2);
  // Added and gone again before anybody looked: the same as before, and news.
  looks = 0;
  looker.lookAnew();
  looker.lookAnew();
  expect(looks).toBe(0);
  await round();
  expect(looks).toBe(1);
  expect(posted).toHaveLength(3);
  expect(posted.at(-1)).toMatchObject({ type: "host", addresses: [{ present: "ours" }] });
});
