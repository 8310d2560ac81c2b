import { expect, test } from "vitest";
import { forgetNeighbourRequest } from "../../../src/linux/neighbour.ts";

test("to forget a neighbour is what ip(8) asks for with `ip neigh del 10.78.0.2 dev` of index 7", () => {
  const { type, flags, payload } = forgetNeighbourRequest(7, "10.78.0.2");
  expect([type, flags]).toEqual([29, 0]);
  expect(Buffer.from(payload).toString("hex")).toBe("020000000700000000000000080001000a4e0002");
});
