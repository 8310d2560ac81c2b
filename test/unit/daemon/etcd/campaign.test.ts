/**
 * What a single etcd does not do by itself: to change its leader in between. The rest is in
 * test/netns/witness.test.ts, with a real one.
 */
import { expect, test } from "vitest";
import { nodeName } from "../../../../src/core/index.ts";
import { campaign } from "../../../../src/daemon/etcd/campaign.ts";
import type { Etcd } from "../../../../src/daemon/etcd/client.ts";
import { encode } from "../../../../src/daemon/etcd/protobuf.ts";
import type { Verdict } from "../../../../src/daemon/etcd/round.ts";
import { now } from "../../../../src/linux/index.ts";
import { ok } from "../../../../src/std/result.ts";

const header = (term: bigint) => encode([[4, term]]);

/** Its leader is elected once: after the lease was renewed, before the key is read. */
function electing(terms: { readonly kept: bigint; readonly read: bigint }): Etcd {
  const key = encode([
    [5, Buffer.from("alpha 1")],
    [6, 77n],
  ]);
  const answers: Readonly<Record<string, Buffer>> = {
    LeaseGrant: encode([
      [1, header(7n)],
      [2, 77n],
      [3, 5n],
    ]),
    Txn: encode([
      [1, header(7n)],
      [2, 1n],
    ]),
    LeaseKeepAlive: encode([
      [1, header(terms.kept)],
      [2, 77n],
      [3, 5n],
    ]),
    Range: encode([
      [1, header(terms.read)],
      [2, key],
    ]),
    LeaseRevoke: Buffer.alloc(0),
  };
  return {
    ask(call) {
      const answer = answers[call.path.split("/").at(-1) ?? ""];
      if (answer === undefined) throw new Error(`${call.path} is not expected`);
      return Promise.resolve(ok({ value: call.read(answer), askedAt: now() }));
    },
    close: () => undefined,
  };
}

/** What is told until the first renewal was tried, or the campaign is over before. */
async function toldWith(
  etcd: Etcd,
  isOverToo: () => boolean = () => false,
): Promise<readonly Partial<Verdict>[]> {
  const told: Partial<Verdict>[] = [];
  let isOver = false;
  await campaign({
    ballot: {
      witness: {
        endpoints: [],
        key: "understudy/vote/alpha+beta",
        ca: undefined,
        certificate: undefined,
        login: undefined,
      },
      self: nodeName("alpha"),
      etcd,
      value: "alpha 1",
      seconds: 5,
      everyMs: 500,
    },
    isOver: () => isOver || isOverToo(),
    tell(verdict) {
      told.push(verdict);
      isOver = told.length === 2;
    },
    pause: () => Promise.resolve(),
  });
  return told;
}

test("a lease is renewed if the leader that renewed it still leads", async () => {
  const [won, renewed] = await toldWith(electing({ kept: 7n, read: 7n }));
  expect(renewed?.until).toBeGreaterThan(won?.until ?? Infinity);
  expect(renewed?.fault).toBeUndefined();
});

test("a lease that a leader renewed which is one no more lasts no longer than before", async () => {
  const [won, renewed] = await toldWith(electing({ kept: 7n, read: 8n }));
  expect(won?.until).toBeDefined();
  expect(renewed?.until).toBe(won?.until);
  expect(renewed?.fault).toContain("electing a leader");
});

test.each(["LeaseGrant", "Txn", "LeaseKeepAlive"])(
  "a lease is given back if it is wanted no more when %s is answered",
  async (late) => {
    const etcd = electing({ kept: 7n, read: 7n });
    const asked: string[] = [];
    const isOver = () => asked.some((each) => each.endsWith(late));
    const slow: Etcd = {
      ...etcd,
      ask(call) {
        asked.push(call.path);
        return etcd.ask(call);
      },
    };
    await toldWith(slow, isOver);
    expect(asked.at(-1)).toBe("/etcdserverpb.Lease/LeaseRevoke");
    expect(asked.filter((each) => each.endsWith("Revoke"))).toHaveLength(1);
  },
);
