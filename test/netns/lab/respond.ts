/**
 * A program: the service behind the virtual IP. Answers every datagram with the name given as its
 * only argument, on whatever address of the node it came to.
 */
import { createSocket } from "node:dgram";
import { servicePort } from "./service-port.ts";

const name = Buffer.from(process.argv[2] ?? "");

for (const [type, address] of [
  ["udp4", "0.0.0.0"],
  ["udp6", "::"],
] as const) {
  const socket = createSocket({ type, ipv6Only: type === "udp6" });
  socket.on("message", (_, from) => socket.send(name, from.port, from.address, () => undefined));
  socket.bind(servicePort, address, () => console.log("ready"));
}
