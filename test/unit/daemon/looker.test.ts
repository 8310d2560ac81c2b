import { expect, test } from "vitest";
import type { AddressFact, Input } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { openLooker } from "../../../src/daemon/looker.ts";

test("what is found is told when it is new, and when something was done", () => {
  let present: AddressFact["present"] = "absent";
  const posted: Input[] = [];
  const host = {
    look: () => [
      {
        group: groupName("web"),
        resource: "10.0.0.100",
        present,
        obstacle: undefined,
        doubt: undefined,
        mac: "02:00:00:00:00:01",
      },
    ],
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
  looker.forget();
  looker.look();
  expect(posted).toHaveLength(3);
  expect(posted.at(-1)).toMatchObject({ type: "host", addresses: [{ present: "ours" }] });
});
