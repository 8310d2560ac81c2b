/**
 * Asks each member of a witness once, for `understudy check`: nothing is put, and nobody votes.
 */
import type { WitnessConfig } from "../../config/index.ts";
import { now } from "../../linux/index.ts";
import { elapsed, millis } from "../../std/time.ts";
import { openEtcd } from "./client.ts";
import { read } from "./messages.ts";
import { ownerOf } from "./round.ts";

export interface MemberAnswer {
  readonly url: string;
  /** Why it cannot be asked; undefined: it answers. */
  readonly fault: string | undefined;
  readonly tookMs: number;
  /** Which node has the vote. */
  readonly owner: string | undefined;
}

const ANSWER_WITHIN = millis(2000);

/** @returns within two seconds, or four with a login; in the order of the members */
export function askWitness(witness: WitnessConfig): Promise<readonly MemberAnswer[]> {
  return Promise.all(
    witness.endpoints.map(async (endpoint) => {
      const etcd = openEtcd({ ...witness, endpoints: [endpoint] }, ANSWER_WITHIN);
      const begun = now();
      const answered = await etcd.ask(read(witness.key));
      etcd.close();
      const tookMs = elapsed(begun, now());
      const { url } = endpoint;
      if (!answered.ok) return { url, fault: answered.error.sentence, tookMs, owner: undefined };
      const owner = ownerOf(answered.value.value.entry);
      return { url, fault: undefined, tookMs, owner };
    }),
  );
}
