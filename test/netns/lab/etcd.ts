/**
 * A real etcd on the loopback interface, with its data in a folder of its own.
 */
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Namespace } from "./namespace.ts";
import { until } from "./until.ts";

export interface Etcd {
  readonly url: string;
  /** Sends a signal: SIGSTOP makes it slow. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it, and waits until nobody listens any more. */
  kill(): Promise<void>;
  /** Starts it again with what it had. */
  restart(): Promise<void>;
  /** Runs `etcdctl` as root of etcd, and waits. @throws if it fails */
  ctl(...args: readonly string[]): string;
  /** Ends it and removes what it had. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Paths of files: an authority, and a certificate of 127.0.0.1, and of a client, that it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly file: string;
  readonly key: string;
}

/** What is missing on this machine, in words. */
export function missingEtcd(): string | undefined {
  for (const [tool, packaged] of [
    ["etcd", "etcd-server"],
    ["etcdctl", "etcd-client"],
    ["openssl", "openssl"],
  ] as const) {
    if (spawnSync(tool, ["version"]).error !== undefined)
      return `${tool} is missing: install ${packaged}`;
  }
  return undefined;
}

/**
 * @param tls - undefined: http. With `wantsClients` a client must show a certificate of the same authority.
 * @param place - a machine of a test, and its address there; undefined: the loopback interface of this one
 */
export async function startEtcd(
  tls?: Certificates & { readonly wantsClients?: boolean },
  place?: { readonly namespace: Namespace; readonly address: string },
): Promise<Etcd> {
  const folder = mkdtempSync(join(tmpdir(), "us-etcd-"));
  const [client, peer] = [await freePort(), await freePort()];
  const url = `${tls === undefined ? "http" : "https"}://${place?.address ?? "127.0.0.1"}:${client}`;
  const args = [
    `--data-dir=${join(folder, "data")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ...(tls === undefined ? [] : [`--cert-file=${tls.file}`, `--key-file=${tls.key}`]),
    ...(tls?.wantsClients === true ? ["--client-cert-auth", `--trusted-ca-file=${tls.ca}`] : []),
  ];
  const start = (): Promise<ChildProcess> => {
    const here = (): ChildProcess => spawn("etcd", args, { stdio: ["ignore", "ignore", "pipe"] });
    return started(place?.namespace.spawn("etcd", args) ?? here());
  };
  let child = await start();
  return {
    url,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill("SIGKILL");
      await ended(child);
    },
    async restart() {
      child = await start();
    },
    ctl: (...words) =>
      execFileSync("etcdctl", ["--endpoints", url, ...words], {
        encoding: "utf8",
        env: { ...process.env, ETCDCTL_API: "3" },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function started(child: ChildProcess): Promise<ChildProcess> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(`etcd to serve: ${said}`, () => {
    if (child.exitCode !== null) throw new Error(`etcd has ended: ${said}`);
    return said.includes("ready to serve client requests");
  });
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * @param name - of the authority
 * @param host - whose the certificate is: `IP:127.0.0.1`, `DNS:localhost`
 */
export function makeCertificates(
  folder: string,
  name: string,
  host = "IP:127.0.0.1",
): Certificates {
  const path = (file: string): string => join(folder, `${name}-${file}`);
  const request = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  writeFileSync(path("ext"), `subjectAltName=${host}\n`);
  for (const line of [
    `req -x509 ${request} -days 2 -subj /CN=${name} -keyout ${path("ca.key")} -out ${path("ca.pem")}`,
    `req -new ${request} -subj /CN=understudy -keyout ${path("key.pem")} -out ${path("csr.pem")}`,
    `x509 -req -in ${path("csr.pem")} -days 2 -extfile ${path("ext")} -CA ${path("ca.pem")} ` +
      `-CAkey ${path("ca.key")} -set_serial 1 -out ${path("cert.pem")}`,
  ])
    execFileSync("openssl", line.split(" "), { stdio: "pipe" });
  return { ca: path("ca.pem"), file: path("cert.pem"), key: path("key.pem") };
}
