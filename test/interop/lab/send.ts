/**
 * A program: sends the datagrams of a file to heartbeat's port of an address, one after the other.
 * Arguments: address, file.
 */
import { createSocket } from "node:dgram";
import { readDatagrams } from "./datagrams.ts";

const [address = "", file = ""] = process.argv.slice(2);
const socket = createSocket({ type: "udp4", sendBufferSize: 4 * 1024 * 1024 });

for (const datagram of readDatagrams(file)) {
  await new Promise((resolve) => socket.send(datagram, 694, address, resolve));
}
socket.close();
