/**
 * What a process holds open, seen from outside: its descriptors, and which of them are connections
 * of clients and to the upstream. Linux only.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessHandles } from '../model/load-report.ts';

/** By which ports its connections are told apart. */
export interface HandlePorts {
  readonly listenPort: number;
  readonly upstreamPort: number;
}

/** Reads them; null where the system does not say, or the process is gone. */
export function readHandles(pid: number, ports: HandlePorts): ProcessHandles | null {
  try {
    const connections = readConnections(pid);
    let [clientSockets, upstreamSockets, otherSockets, descriptors] = [0, 0, 0, 0];
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1];
      descriptors += 1;
      if (inode === undefined) continue;
      const connection = connections.get(inode);
      if (connection?.localPort === ports.listenPort) clientSockets += 1;
      else if (connection?.remotePort === ports.upstreamPort) upstreamSockets += 1;
      else otherSockets += 1;
    }
    return { clientSockets, upstreamSockets, otherSockets, descriptors };
  } catch {
    return null;
  }
}

interface TcpConnection {
  readonly localPort: number;
  readonly remotePort: number;
}

const LISTENING = '0A';

/** TCP connections of the process's network by inode, listening sockets left out. */
function readConnections(pid: number): ReadonlyMap<string, TcpConnection> {
  const connections = new Map<string, TcpConnection>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readTable(`/proc/${pid}/net/${table}`)) {
      const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === LISTENING) continue;
      connections.set(inode, { localPort: portOf(local), remotePort: portOf(remote) });
    }
  }
  return connections;
}

function readTable(path: string): readonly string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(1);
  } catch {
    // A system without IPv6 has no table of it.
    return [];
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
