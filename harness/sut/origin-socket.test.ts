import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { socketReader } from './origin-socket.ts';

// With a real handle it is exercised by every test of the origin.
test('a socket whose handle is not to be found is read in the ordinary way', () => {
  const seen: string[] = [];
  const accepted = new Socket();
  const socket = socketReader()(accepted, (bytes) => seen.push(bytes.toString()));
  socket.emit('data', Buffer.from('one'));
  expect(socket).toBe(accepted);
  expect(seen).toEqual(['one']);
  socket.destroy();
});
