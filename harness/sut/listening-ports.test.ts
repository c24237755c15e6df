import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenersOf, parseListeners, readListeners } from './listening-ports.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1
   2: 0100007F:1F91 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 4713 1
   3: 0000000000000000FFFF00000100007F:2328 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4714 1
   4: 00000000000000000000000001000000:2329 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4715 1
   5: 00000000000000000000000000000000:232A 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4716 1
`;

test('sockets that listen are read with their addresses, others are not', () => {
  expect(parseListeners(TABLE)).toEqual([
    { address: '127.0.0.1:8080', port: 8080, inode: '4711' },
    { address: '*:80', port: 80, inode: '4712' },
    { address: '127.0.0.1:9000', port: 9000, inode: '4714' },
    { address: '[::1]:9001', port: 9001, inode: '4715' },
    { address: '*:9002', port: 9002, inode: '4716' },
  ]);
});

test('a port is found at the process that holds it, and at no other', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const all = readListeners() ?? [];
  const own = listenersOf([process.pid], all).map((one) => one.address);
  expect(own).toContain(`127.0.0.1:${address.port}`);
  expect(listenersOf([process.ppid], all).map(({ port }) => port)).not.toContain(address.port);
  server.close();
});
