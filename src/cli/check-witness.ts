/**
 * Whether the witness can be asked: an operator must know before it is needed.
 */
import type { Config } from "../config/index.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { AskWitness, WitnessAnswer } from "./parts.ts";

/** One for each member; of members that are missing, errors if no other one answers. */
export async function witnessFindings(
  { witness }: Config,
  ask: AskWitness,
): Promise<readonly Finding[]> {
  if (witness === undefined) return [];
  const answers = await ask(witness);
  const severity = answers.some(({ fault }) => fault === undefined) ? "warning" : "error";
  return answers.map((answer) =>
    answer.fault === undefined
      ? finding("ok", "witness", answerText(answer))
      : finding(severity, "witness", `the witness cannot be asked: ${answer.fault}`),
  );
}

function answerText({ url, tookMs, owner }: WitnessAnswer): string {
  const vote = owner === undefined ? "nobody has its vote" : `${owner} has its vote`;
  return `the witness at ${url} answers in ${Math.ceil(tookMs)} ms: ${vote}`;
}
