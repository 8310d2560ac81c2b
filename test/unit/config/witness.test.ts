import { describe, expect, test } from "vitest";
import { readConfig, render } from "../../../src/config/index.ts";
import { codes, errors, haCfWith, soundHaCf, sources } from "./support.ts";

function witness(...lines: readonly string[]) {
  const parsed = haCfWith(...lines);
  return { ...parsed, witness: parsed.value.witness };
}

const https = "witness etcd https://etcd1:2379";

test("without a line there is no witness", () => {
  expect(witness().witness).toBeUndefined();
  expect(readConfig(sources({})).value).toMatchObject({ core: { hasWitness: false } });
});

test("a witness has members that are tried in turn, and a key that all nodes share", () => {
  const line =
    "witness etcd https://etcd1.example:2379 http://10.0.0.9:2380/ https://[2001:db8::9]:1";
  const parsed = witness(line);
  expect(parsed.diagnostics).toEqual([]);
  expect(parsed.witness).toEqual({
    endpoints: [
      { url: "https://etcd1.example:2379", isTls: true, host: "etcd1.example", port: 2379 },
      { url: "http://10.0.0.9:2380", isTls: false, host: "10.0.0.9", port: 2380 },
      { url: "https://[2001:db8::9]:1", isTls: true, host: "2001:db8::9", port: 1 },
    ],
    key: "understudy/vote/alpha+beta",
    ca: undefined,
    certificate: undefined,
    login: undefined,
  });
  const haCf = `${soundHaCf}${line}\n`.replace("alpha beta", "Beta alpha");
  const { value } = readConfig(sources({ haCf }));
  expect(value?.witness?.key).toBe("understudy/vote/alpha+beta");
  expect(value?.core.hasWitness).toBe(true);
});

test("certificates and a login are files", () => {
  const parsed = witness(
    https,
    "witness_ca /etc/ha.d/ca.pem",
    "witness_cert /etc/ha.d/node.pem /etc/ha.d/node.key",
    "witness_auth understudy /etc/ha.d/witness.password",
  );
  expect(parsed.diagnostics).toEqual([]);
  expect(parsed.witness).toMatchObject({
    ca: "/etc/ha.d/ca.pem",
    certificate: { file: "/etc/ha.d/node.pem", key: "/etc/ha.d/node.key" },
    login: { user: "understudy", passwordFile: "/etc/ha.d/witness.password" },
  });
});

test.each([
  ["witness", "missing-argument", "write witness etcd https://HOST:2379"],
  ["witness etcd", "missing-argument", "write witness etcd https://HOST:2379"],
  ["witness consul http://a:1", "bad-word", "write witness etcd"],
  ["witness https://a:2379", "bad-word", "write witness etcd"],
  ["witness etcd etcd1:2379", "bad-word", "write https://etcd1:2379"],
  ["witness etcd https://ETCD1", "bad-word", "write https://etcd1:2379"],
  ["witness etcd https://etcd1:2379/v3", "bad-word", "write https://etcd1:2379"],
  ["witness etcd https://etcd1:65536", "bad-word", "write https://etcd1:2379"],
  ["witness etcd https://10.0.0.256:2379", "bad-word", "write witness etcd"],
  ["witness etcd https://[::g]:2379", "bad-word", "write witness etcd"],
  ["witness_ca ca.pem", "bad-path", "absolute"],
  ["witness_ca /a /b", "missing-argument", "witness_ca FILE"],
  ["witness_cert /a", "missing-argument", "CERTIFICATE KEY"],
  ["witness_cert /a b", "bad-path", "absolute"],
  ["witness_auth root", "missing-argument", "witness_auth understudy /"],
])("%s is refused, with what to write", (line, code, hint) => {
  const parsed = witness(line);
  expect(errors(parsed)).toEqual([code]);
  expect(parsed.diagnostics[0]?.message).toContain(hint);
});

test("a second line is refused: members of one etcd stand in one", () => {
  expect(errors(witness(https, "witness etcd https://etcd2:2379"))).toEqual(["repeated"]);
  expect(errors(witness(https, "witness_ca /a", "witness_ca /b"))).toEqual(["repeated"]);
});

describe("a line is doubtful", () => {
  test.each([
    ["without a witness", ["witness_ca /a"], "warning 7:1 no-effect"],
    ["without https", ["witness etcd http://a:1", "witness_cert /a /b"], "warning 8:1 no-effect"],
    [
      "when a password is not encrypted",
      ["witness etcd http://a:1", "witness_auth u /p"],
      "warning 8:1 witness",
    ],
    ["with a member named twice", [`${https} ${https.slice(13)}/`], "warning 7:33 repeated"],
    ["in a cluster of three", ["node gamma", https], "error 8:1 witness"],
  ])("%s", (_, lines, expected) => {
    expect(codes(witness(...lines))).toEqual([expected]);
  });
});

describe("a password", () => {
  test.each([
    ["in a URL", "witness etcd https://root:hunter2@etcd1:2379"],
    ["in a URL without the kind", "witness https://root:hunter2@etcd1:2379"],
    ["instead of a file", "witness_auth root hunter2"],
    ["where the directive is misspelt", "witness_auht root hunter2"],
    ["where the directive is misspelt otherwise", "wtness_auth root hunter2"],
  ])("%s is not shown", (_, line) => {
    const { diagnostics } = witness(line);
    expect(diagnostics).not.toEqual([]);
    for (const each of diagnostics)
      expect(render(each, `${soundHaCf}${line}\n`)).not.toContain("hunter2");
  });
});
