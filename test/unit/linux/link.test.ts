import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeLink, linkDump } from "../../../src/linux/link.ts";
import { encodeAttribute } from "../../../src/linux/netlink.ts";

const name = encodeAttribute(3, Buffer.from("eth0\0"));
const mac = encodeAttribute(1, Buffer.of(2, 0, 0x5e, 0x10, 0, 1));

test("an interface is read from struct ifinfomsg and its attributes", () => {
  expect(told(header(1, 0x1_1043), name, mac)).toEqual({
    index: 2,
    name: "eth0",
    up: true,
    running: true,
    mac: "02:00:5e:10:00:01",
    type: "ethernet",
    partOf: undefined,
    promotes: false,
  });
});

test.each([
  ["up without a carrier", 0x1003, { up: true, running: false }],
  ["down", 0x1002, { up: false, running: false }],
])("an interface is %s", (_, flags, state) => {
  expect(told(header(1, flags), name, mac)).toMatchObject(state);
});

test.each([
  ["loopback", 772, mac, { type: "loopback", mac: "02:00:5e:10:00:01" }],
  ["tunnel", 65534, encodeAttribute(1, Buffer.of()), { type: "other", mac: undefined }],
  ["InfiniBand", 32, encodeAttribute(1, new Uint8Array(20)), { type: "other", mac: undefined }],
])("a %s interface is told from Ethernet", (_, hardware, address, seen) => {
  expect(told(header(hardware, 1), name, address)).toMatchObject(seen);
});

test("a port of a bridge is told from an interface by itself", () => {
  const slave = encodeAttribute(4, Buffer.from("bridge\0"));
  const info = encodeAttribute(
    18,
    Buffer.concat([encodeAttribute(1, Buffer.from("veth\0")), slave]),
  );
  expect(told(header(1, 1), name, info)).toMatchObject({ partOf: "bridge" });
});

test("what has no name, is cut off or is another message is no interface", () => {
  expect(told(header(1, 1), mac)).toBeUndefined();
  expect(told(header(1, 1).subarray(0, 15))).toBeUndefined();
  const payload = Buffer.concat([header(1, 1), name]);
  expect(decodeLink({ type: 17, flags: 0, sequence: 0, payload })).toBeUndefined();
});

test("any bytes are read without harm", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      told(bytes);
      told(header(1, 1), name, bytes);
    }),
  );
});

test("interfaces are asked for without their counters", () => {
  expect(Buffer.from(linkDump.payload.subarray(16)).toString("hex")).toBe("08001d0008000000");
});

/** Of the interface with index 2. */
function header(hardware: number, flags: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(hardware, 2);
  bytes.writeInt32LE(2, 4);
  bytes.writeUInt32LE(flags, 8);
  return bytes;
}

function told(...parts: readonly Uint8Array[]) {
  return decodeLink({ type: 16, flags: 0, sequence: 0, payload: Buffer.concat(parts) });
}
