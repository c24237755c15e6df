/**
 * The head reader against node's own parser: where both accept bytes, they must read the same
 * request from them. Node refusing what ours accepts is no danger (it knows fewer methods), ours
 * refusing what node accepts is the point.
 */
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TEST_LIMITS } from './fixtures/policy.ts';
import { BODY_CHUNKED, BODY_LENGTH, HEAD_READ } from './framing.ts';
import { RequestHead } from './request-head.ts';

interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly string[];
  readonly framing: string;
}

const head = new RequestHead();
const server = createServer({ requireHostHeader: true });

function oursReads(bytes: Buffer): ReadRequest | null {
  if (head.read(bytes, 0, bytes.length, TEST_LIMITS) !== HEAD_READ) return null;
  const fields: string[] = [];
  for (let i = 0; i < head.fields.count; i += 1) {
    fields.push(bytes.toString('latin1', head.fields.nameStart(i), head.fields.nameEnd(i)));
    fields.push(bytes.toString('latin1', head.fields.valueStart(i), head.fields.valueEnd(i)));
  }
  const framings: Record<number, string> = {
    [BODY_CHUNKED]: 'chunked',
    [BODY_LENGTH]: String(head.contentLength),
  };
  return {
    method: bytes.toString('latin1', head.start, head.methodEnd),
    target: bytes.toString('latin1', head.targetStart, head.targetEnd),
    fields,
    framing: framings[head.body] ?? 'none',
  };
}

function nodeReads(bytes: Buffer): Promise<ReadRequest | null> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
    const settle = (read: ReadRequest | null): void => {
      server.removeAllListeners();
      socket.destroy();
      resolve(read);
    };
    server.on('request', ({ method = '', url = '', rawHeaders, headers }) => {
      const length = headers['content-length'];
      const framing = headers['transfer-encoding'] === undefined ? length : 'chunked';
      settle({
        method,
        target: url,
        fields: rawHeaders,
        framing: framing === undefined ? 'none' : framing.replace(/^0+(?=\d)/, '').toLowerCase(),
      });
    });
    for (const event of ['clientError', 'upgrade', 'checkContinue', 'checkExpectation']) {
      server.on(event, () => settle(null));
    }
    socket.on('close', () => settle(null));
    // What a removed listener was for: an http.Server serves connections by its own listener.
    connectionListener.call(server, socket);
    socket.push(bytes);
    socket.push(null);
  });
}

const connectionListener = server.listeners('connection')[0] as (socket: Duplex) => void;

const LINES = [
  'GET / HTTP/1.1',
  'POST /a?b=c HTTP/1.1',
  'GET http://x/ HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET /%zz;a=b HTTP/1.0',
];
const FIELDS = [
  'Host: x',
  'Content-Length: 5',
  'content-length: 05',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:\tChunked ',
  'Connection: close, x',
  'X: \x80\xff',
  'Empty:',
  'Cookie: a=b; c="d"',
];
const NOISE = ['\r', '\n', '\r\n', ' ', '\t', ':', '\x00', ',', '\x7f', '0', 'x', '\xff', ';', '#'];

test('where node and we both accept a request, we read the same one', async () => {
  let bothAccepted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...LINES),
      fc.subarray(FIELDS, { minLength: 1 }),
      fc.array(fc.tuple(fc.nat(120), fc.nat(2), fc.constantFrom(...NOISE)), { maxLength: 2 }),
      async (line, fields, edits) => {
        let text = `${line}\r\n${fields.join('\r\n')}\r\n\r\n`;
        for (const [at, removed, noise] of edits) {
          text = text.slice(0, at) + noise + text.slice(at + removed);
        }
        const bytes = Buffer.from(text, 'latin1');
        const ours = oursReads(bytes);
        if (ours === null) return;
        const nodes = await nodeReads(bytes);
        if (nodes === null) return;
        bothAccepted += 1;
        expect(ours).toEqual(nodes);
      },
    ),
    { seed: 5, numRuns: 4000 },
  );
  expect(bothAccepted).toBeGreaterThan(300);
});
