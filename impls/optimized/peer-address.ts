/** The peer's address of a socket, as logs and forwarded headers show it. */
import type { Socket } from 'node:net';

/** An IPv4 address that a dual-stack listener reports as IPv6 is shown as IPv4. */
export function peerAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
