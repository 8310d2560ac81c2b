/**
 * The numbers of socket(2), the same on every machine that Node runs on under Linux
 * (include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/linux/in.h).
 */

/** An option of setsockopt(2). `name` is for the operator, when the kernel refuses it. */
export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly number: number;
}

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;

export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
/** No call ever waits, and no program that we start inherits the descriptor. */
export const SOCK_OURS: number = 0o4000 | 0o2000000;

export const SO_BROADCAST: SocketOption = socketLevel("SO_BROADCAST", 6);
export const SO_RCVBUF: SocketOption = socketLevel("SO_RCVBUF", 8);
export const SO_BINDTODEVICE: SocketOption = socketLevel("SO_BINDTODEVICE", 25);
export const SO_MEMINFO: SocketOption = socketLevel("SO_MEMINFO", 55);
export const SO_SNDBUFFORCE: SocketOption = socketLevel("SO_SNDBUFFORCE", 32);
export const SO_RCVBUFFORCE: SocketOption = socketLevel("SO_RCVBUFFORCE", 33);

export const IP_TOS: SocketOption = ipLevel("IP_TOS", 1);
export const IP_MULTICAST_TTL: SocketOption = ipLevel("IP_MULTICAST_TTL", 33);
export const IP_MULTICAST_LOOP: SocketOption = ipLevel("IP_MULTICAST_LOOP", 34);
export const IP_ADD_MEMBERSHIP: SocketOption = ipLevel("IP_ADD_MEMBERSHIP", 35);

/** include/uapi/linux/netlink.h: an overflow is dropped, not reported. */
export const NETLINK_NO_ENOBUFS: SocketOption = netlinkLevel("NETLINK_NO_ENOBUFS", 5);
/** include/uapi/linux/netlink.h: an answer does not repeat the whole request. */
export const NETLINK_CAP_ACK: SocketOption = netlinkLevel("NETLINK_CAP_ACK", 10);

function socketLevel(name: string, number: number): SocketOption {
  return { name, level: 1, number };
}

function ipLevel(name: string, number: number): SocketOption {
  return { name, level: 0, number };
}

function netlinkLevel(name: string, number: number): SocketOption {
  return { name, level: 270, number };
}
