import { expect, test, vi } from "vitest";
import { confirmation } from "../../../src/control/index.ts";
import { nodeName } from "../../../src/core/index.ts";
import { serveAnswers, serveNothing, understudy } from "./control-server.ts";

vi.setConfig({ testTimeout: 30_000 });

const [alpha, beta] = [nodeName("alpha"), nodeName("beta")];

test("confirm gives the operator's word, and says that it was taken", async () => {
  await using server = await serveAnswers(() => ({ body: confirmation(alpha, beta, undefined) }));
  const { stdout, exitCode } = await understudy(
    "confirm",
    "beta",
    "--yes",
    "--run-dir",
    server.runDir,
  );
  expect(stdout).toBe("beta: taken for off; what it may have held is free\n");
  expect(exitCode).toBe(0);
  expect(server.asked).toEqual([{ method: "POST", path: "/v1/confirm", body: '{"node":"beta"}' }]);
});

test("a word that is not taken is exit status 1, with the reason", async () => {
  await using server = await serveAnswers(() => ({
    body: confirmation(alpha, beta, "it is heard: it is not off"),
  }));
  const { stderr, exitCode } = await understudy(
    "confirm",
    "beta",
    "--yes",
    "--run-dir",
    server.runDir,
  );
  expect(stderr).toBe("beta: refused: it is heard: it is not off\n");
  expect(exitCode).toBe(1);
});

test("nobody who could be asked back, and no --yes: nothing is confirmed", async () => {
  await using server = await serveAnswers(() => ({ body: confirmation(alpha, beta, undefined) }));
  const { stderr, exitCode } = await understudy("confirm", "beta", "--run-dir", server.runDir);
  expect(stderr).toMatch(/^understudy: nothing was confirmed: .*--yes\n$/u);
  expect(exitCode).toBe(64);
  expect(server.asked).toEqual([]);
});

test("without a daemon it is exit status 3", async () => {
  await using none = await serveNothing();
  const { exitCode } = await understudy("confirm", "beta", "--yes", "--run-dir", none.runDir);
  expect(exitCode).toBe(3);
});
