/**
 * What names may be made of: interfaces, nodes, hosts.
 */
import type { Fault } from "./diagnostic.ts";
import { isPrintable, quoted } from "./tokens.ts";

/** As the kernel sees it: net/core/dev.c dev_valid_name, IFNAMSIZ without the final NUL. */
export function deviceFault(text: string): Fault | undefined {
  if (text.includes(":")) {
    const device = text.slice(0, text.indexOf(":"));
    return badName(`${quoted(text)} is an alias, not an interface: write ${device}`);
  }
  if (text.length >= 1 && text.length <= 15 && !/^\.\.?$|\/|[^\x21-\x7e]/.test(text)) {
    return undefined;
  }
  return badName(`${quoted(text)} cannot be an interface: names have 1 to 15 letters, without "/"`);
}

/** A node is called what `uname -n` prints on it. */
export function nodeFault(text: string): Fault | undefined {
  if (text.length > 99) return badName(`a node's name has at most 99 letters, not ${text.length}`);
  if (/^[\w.-]+$/.test(text)) return undefined;
  return badName(`${quoted(text)} cannot be a node: names have letters, digits, ".", "-" and "_"`);
}

export function isHostName(text: string): boolean {
  const label = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i;
  return text.length <= 253 && text.split(".").every((each) => label.test(each));
}

/** Every word of every file: what cannot be seen cannot be corrected. */
export function characterFault(text: string): Fault | undefined {
  if (isPrintable(text)) return undefined;
  return { code: "bad-character", message: `${quoted(text)} has characters that cannot be seen` };
}

function badName(message: string): Fault {
  return { code: "bad-name", message };
}
