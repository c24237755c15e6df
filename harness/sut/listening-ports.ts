/**
 * Who listens where, from `/proc/net`: whether a port is held by the processes that it was meant for,
 * and where they listen instead. Elsewhere nothing is known.
 */
import { readFileSync } from 'node:fs';
import { openFilesOf } from './process-table.ts';

/** Sockets that listen on this machine, or null where the system does not show them. */
export function readListeners(): readonly Listener[] | null {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return '';
    }
  });
  return tables[0] === '' ? null : tables.flatMap(parseListeners);
}

/** One listening socket. */
export interface Listener {
  /** As people write it: `127.0.0.1:8080`, `[::1]:8080`, `*:8080`. */
  readonly address: string;
  readonly port: number;
  /** By which it is found among a process's open files. */
  readonly inode: string;
}

const LISTENING = '0A';

/** The listeners of a table in the form of `/proc/net/tcp`. */
export function parseListeners(table: string): readonly Listener[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state !== LISTENING) return [];
      const [host = '', portHex = ''] = local.split(':');
      const port = Number.parseInt(portHex, 16);
      return [{ address: `${hostOf(host)}:${port}`, port, inode }];
    });
}

/** Written as four bytes, or four words of four bytes, each in the byte order of the machine. */
function hostOf(hex: string): string {
  if (/^0*$/.test(hex)) return '*';
  const bytes = [...hex.matchAll(/.{8}/g)].flatMap(([word]) =>
    [...word.matchAll(/../g)].map(([byte]) => Number.parseInt(byte, 16)).reverse(),
  );
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const loopback = bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
  return loopback ? '[::1]' : '[IPv6]';
}

/** Those of the listeners that processes hold. */
export function listenersOf(
  pids: readonly number[],
  listeners: readonly Listener[],
): readonly Listener[] {
  const held = new Set(pids.flatMap((pid) => openFilesOf(pid)));
  return listeners.filter(({ inode }) => held.has(`socket:[${inode}]`));
}
