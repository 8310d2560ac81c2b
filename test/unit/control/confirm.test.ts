import { describe, expect, test } from "vitest";
import { confirmation, parseConfirm, parseConfirmation } from "../../../src/control/index.ts";
import { nodeName } from "../../../src/core/index.ts";

describe("the operator's word on a node", () => {
  test("names it, in capitals or not", () => {
    expect(parseConfirm('{"node":"Beta"}')).toEqual({ ok: true, value: "beta" });
  });

  test.each(["", "beta", '"beta"', "{}", '{"node":""}', '{"node":1}', '{"node":"a","wait":true}'])(
    "%s is refused with what to write",
    (body) => {
      const refused = parseConfirm(body);
      expect(refused).toMatchObject({
        ok: false,
        error: { message: /write \{"node": "NAME"\}$/u },
      });
    },
  );
});

describe("the answer to it", () => {
  const [alpha, beta] = [nodeName("alpha"), nodeName("beta")];

  test.each([[undefined], ["it is heard"]])("is read back as it was given: %s", (refusal) => {
    const answer = confirmation(alpha, beta, refusal);
    expect(parseConfirmation(JSON.stringify(answer))).toEqual({
      version: 1,
      node: "alpha",
      confirmed: "beta",
      refusal: refusal ?? null,
    });
  });

  test("of another version is none", () => {
    const answer = { ...confirmation(alpha, beta, undefined), version: 2 };
    expect(parseConfirmation(JSON.stringify(answer))).toBeUndefined();
  });
});
