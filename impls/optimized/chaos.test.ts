/**
 * Whole exchanges under hostile timing: bytes in pieces cut anywhere, and either side gone at any
 * moment. What arrives must be exact, and nothing may be left behind.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testPolicy } from './fixtures/policy.ts';
import { type Peer, type RunningProxy, runProxy } from './fixtures/running-proxy.ts';

const BODY = 'hello, this is a body';
const REQUESTS: readonly string[] = [
  `GET /a HTTP/1.1\r\nHost: x\r\n\r\n`,
  `PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n${BODY}\r\n0\r\n\r\n`,
];
const ANSWERS: readonly string[] = [
  `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\n, this is a body\r\n0\r\nSum: 1\r\n\r\n`,
  'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n',
  `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
];

async function sendInPieces(peer: Peer, text: string, cuts: readonly number[]): Promise<void> {
  const edges = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
  for (let i = 1; i < edges.length; i += 1) {
    if (peer.closed) return;
    peer.send(text.slice(edges[i - 1], edges[i]));
    await new Promise(setImmediate);
  }
}

/**
 * A message's head and payload, or null while it is incomplete. Chunk borders may move on the way,
 * so bodies are compared without them.
 */
function plain(text: string): string | null {
  const interim = text.startsWith('HTTP/1.1 103') ? text.indexOf('\r\n\r\n') + 4 : 0;
  const headEnd = text.indexOf('\r\n\r\n', interim) + 4;
  if (interim === 3 || headEnd === 3) return null;
  const head = text.slice(0, headEnd);
  const body = text.slice(headEnd);
  if (!head.includes('Transfer-Encoding')) {
    const length = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0);
    return body.length < length ? null : text;
  }
  let payload = '';
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    if (size === 0) {
      const end = body.indexOf('\r\n\r\n', at);
      return end === -1 ? null : `${head}${payload}|${body.slice(lineEnd)}`;
    }
    payload += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
    if (at > body.length) return null;
  }
}

test('every request and answer arrives exactly, however its bytes are cut', async () => {
  const proxy = await runProxy();
  const cuts = fc.array(fc.nat(120), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...REQUESTS),
      fc.constantFrom(...ANSWERS),
      cuts,
      cuts,
      async (sent, answer, requestCuts, answerCuts) => {
        const peer = proxy.client();
        const used = proxy.origin.connections.at(-1);
        const before = used?.received.length ?? 0;
        await sendInPieces(peer, sent, requestCuts);
        const upstream = used ?? (await proxy.origin.connection(0));
        await upstream.until((p) => plain(p.received.slice(before)) !== null);
        expect(plain(upstream.received.slice(before))).toBe(plain(sent));
        await sendInPieces(upstream, answer, answerCuts);
        await peer.until((p) => plain(p.received) !== null);
        expect(plain(peer.received)).toBe(plain(answer));
        peer.socket.destroy();
        expect(proxy.origin.connections).toHaveLength(1);
      },
    ),
    { seed: 3, numRuns: 150 },
  );
  await proxy.close();
});

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

test('nothing is left behind when either side goes at any moment', async () => {
  const openBefore = openSockets();
  const proxy: RunningProxy = await runProxy(
    testPolicy({
      drop: {
        default: false,
        rules: [
          {
            name: 'body',
            match: { body: { patterns: [{ source: 'never', flags: '' }] } },
            response: { statusCode: 403, body: '', headers: {} },
          },
        ],
      },
    }),
  );
  const rude = new Set<Peer>();
  proxy.origin.onConnection = (peer) => {
    rude.add(peer);
    peer.socket.on('data', () => {
      const turn = peer.received.length % 4;
      const answer = ANSWERS[turn] ?? '';
      if (turn === 0) peer.socket.resetAndDestroy();
      else if (turn === 1) peer.socket.end(answer.slice(0, answer.length >> 1));
      else peer.send(answer);
    });
    peer.socket.on('end', () => peer.socket.end());
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...REQUESTS),
      fc.array(fc.nat(120), { maxLength: 4 }),
      fc.nat(3),
      async (sent, cuts, how) => {
        const peer = proxy.client();
        await sendInPieces(peer, sent.slice(0, how === 0 ? sent.length >> 1 : sent.length), cuts);
        if (how === 1) peer.socket.end();
        else if (how === 2) peer.socket.resetAndDestroy();
        else peer.socket.destroy();
        await peer.untilClosed();
      },
    ),
    { seed: 9, numRuns: 200 },
  );
  const report = await proxy.handler.drain(20_000);
  expect(report.destroyed).toBe(0);
  await proxy.handler.close();
  for (const peer of rude) await peer.untilClosed();
  await proxy.close();
  expect(openSockets()).toBe(openBefore);
});
