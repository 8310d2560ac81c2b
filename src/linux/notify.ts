/**
 * Tells systemd how the daemon does (sd_notify(3)).
 */
import { AF_UNIX, SOCK_DGRAM, SOCK_OURS } from "./socket.ts";
import { close, send, socket } from "./syscall.ts";

/**
 * Sends a state like `READY=1`. Nothing is done without a socket, or when systemd does not listen;
 * never waits: a service manager that is stuck does not stop heartbeats.
 *
 * @param path - of the environment, NOTIFY_SOCKET: absolute, or with `@` for an abstract one
 */
export function notify(path: string | undefined, state: string): void {
  if (path === undefined || !/^[/@]./.test(path)) return;
  const opened = socket(AF_UNIX, SOCK_DGRAM | SOCK_OURS, 0);
  if (!opened.ok) return;
  send(opened.value, Buffer.from(state), unixAddress(path));
  close(opened.value);
}

/** unix(7) struct sockaddr_un. An abstract name begins with NUL and ends with its length. */
function unixAddress(path: string): Uint8Array {
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  return Buffer.concat([family, name]);
}
