/**
 * A serial line as a stream of bytes (termios(3)): raw, 8N1, no flow control. No call waits.
 */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoFrom } from "./errno.ts";
import { flushInput, getTerminal, ioctl, makeRaw, setTerminal, whenReadable } from "./syscall.ts";

export interface Tty {
  /** @returns how many of the bytes were taken: the rest would have to wait. `EAGAIN`: none */
  write(bytes: Uint8Array): Result<number, Errno>;
  /** Bytes that were taken and are not on the wire yet; 0 where nobody knows. */
  waiting(): number;
  close(): void;
}

export interface TtyOptions {
  readonly path: string;
  /** One of ha.cf's. */
  readonly baud: number;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** The device has gone: it is closed already. */
  readonly onEnd: () => void;
}

export function openTty(options: TtyOptions): Result<Tty, Errno> {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(options.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  } catch (error) {
    return fail(errnoFrom("open", error));
  }
  const set = setLine(fd, options.baud);
  if (!set.ok) {
    closeSync(fd);
    return set;
  }
  return ok(ttyOf(fd, options));
}

/** include/uapi/asm-generic/ioctls.h */
const TIOCOUTQ = { name: "TIOCOUTQ", number: 0x5411 };

function ttyOf(fd: number, { onBytes, onEnd }: TtyOptions): Tty {
  const buffer = Buffer.alloc(4096);
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stop();
    closeSync(fd);
  };
  const read = (): void => {
    const length = isOpen ? readSome(fd, buffer) : undefined;
    if (length === undefined) return;
    if (length > 0) return onBytes(buffer.subarray(0, length));
    close();
    onEnd();
  };
  const stop = whenReadable(fd, read);
  return {
    write(bytes) {
      try {
        return ok(writeSync(fd, bytes));
      } catch (error) {
        return fail(errnoFrom("write", error));
      }
    },
    waiting() {
      const count = new Int32Array(1);
      return ioctl(fd, TIOCOUTQ, count).ok ? (count[0] ?? 0) : 0;
    },
    close,
  };
}

/** @returns undefined if there is nothing now; 0 if there will never be more */
function readSome(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    return errnoFrom("read", error).errno === "EAGAIN" ? undefined : 0;
  }
}

/** glibc's struct termios, bits/termios-struct.h: four words of flags, one byte, then c_cc. */
const TERMIOS_BYTES = 128;
const C_IFLAG = 0;
const C_CFLAG = 8;
const C_CC = 17;
/** include/uapi/asm-generic/termbits.h, termbits-common.h */
const [IXON, IXANY, IXOFF] = [0x400, 0x800, 0x1000];
const [CSTOPB, CREAD, PARENB, HUPCL, CLOCAL, CRTSCTS] = [
  0x40, 0x80, 0x100, 0x400, 0x800, 0x8000_0000,
];
const [VTIME, VMIN] = [5, 6];
const speeds: Readonly<Record<number, number>> = {
  9600: 0o15,
  19_200: 0o16,
  38_400: 0o17,
  57_600: 0o10001,
  115_200: 0o10002,
  230_400: 0o10003,
  460_800: 0o10004,
};

function setLine(fd: number, baud: number): Result<number, Errno> {
  const termios = Buffer.alloc(TERMIOS_BYTES);
  const got = getTerminal(fd, termios);
  if (!got.ok) return got;
  makeRaw(termios, speeds[baud] ?? 0o16);
  change(termios, C_IFLAG, { off: IXON | IXANY | IXOFF, on: 0 });
  // No hang-up at the close, no wait for a carrier: a null-modem cable of three wires has none.
  change(termios, C_CFLAG, { off: CSTOPB | PARENB | HUPCL | CRTSCTS, on: CREAD | CLOCAL });
  termios[C_CC + VTIME] = 0;
  termios[C_CC + VMIN] = 1;
  const set = setTerminal(fd, termios);
  // What came before was at another speed, or for another daemon.
  if (set.ok) flushInput(fd);
  return set;
}

function change(
  termios: Buffer,
  at: number,
  { off, on }: { readonly off: number; readonly on: number },
): void {
  // Operators on bits make signed numbers, and the highest flag is the sign.
  termios.writeUInt32LE(((termios.readUInt32LE(at) & ~off) | on) >>> 0, at);
}
