/**
 * One daemon for each network namespace: two would take each other's addresses for leftovers.
 *
 * An abstract unix socket is the lock (unix(7)): its names belong to the network namespace, as
 * addresses do, and it is gone with the process that holds it, however that ended.
 */
import { createServer } from "node:net";

const NAME = "\0understudy";

/** Undefined: another daemon holds it. */
export type HostLock = { release(): void } | undefined;

export function lockHost(): Promise<HostLock> {
  return new Promise((resolve) => {
    // Whoever connects is let go: there is nothing to be said.
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen(NAME, () => {
      server.unref();
      resolve({ release: () => void server.close() });
    });
  });
}
