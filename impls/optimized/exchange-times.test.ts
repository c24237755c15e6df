import { afterEach, expect, test } from 'vitest';
import type { DurationCounts } from '../contract.ts';
import { createPolicy } from '../policy/load.ts';
import { type RunningProxy, runProxy } from './fixtures/running-proxy.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Moves only when a test says so, and by whole milliseconds. */
let nowMs = 1000;
let proxy: RunningProxy | null = null;
afterEach(async () => {
  await proxy?.close();
  proxy = null;
});

async function start(): Promise<RunningProxy> {
  const policy = createPolicy({
    drop: { rules: [{ name: 'no', match: { path: { patterns: ['^/no'] } } }] },
    logging: { default: true },
  });
  proxy = await runProxy(policy, undefined, () => nowMs);
  return proxy;
}

/** The durations counted, in whole milliseconds, shortest first: ranges are a 32nd wide. */
function counted(histogram: DurationCounts | undefined): readonly number[] {
  return (histogram?.ranges ?? []).flatMap(([belowUs, count]) =>
    Array.from({ length: count }, () => Math.floor(belowUs / 1000)),
  );
}

function durations({ handler }: RunningProxy): Readonly<Record<string, readonly number[]>> {
  const { request, upstream } = handler.counters().durations ?? {};
  return { request: counted(request), upstream: counted(upstream) };
}

/** Of the lines that were logged, all of them: lines wait for others, but not longer than the proxy. */
async function logged(
  running: RunningProxy,
): Promise<readonly (readonly [durationMs: number, upstreamMs: number])[]> {
  await running.close();
  proxy = null;
  return running.lines.map((line) => {
    const { durationMs, upstreamMs } = JSON.parse(line);
    return [durationMs, upstreamMs];
  });
}

test('a request lasts from its head to the end of its answer, the upstream until its first byte', async () => {
  const running = await start();
  const peer = running.client();
  peer.send('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na');
  const upstream = await running.origin.connection(0);
  await upstream.untilText('\r\n\r\na');
  nowMs += 3;
  peer.send('b');
  await upstream.untilText('ab');
  nowMs += 5;
  upstream.send(OK.slice(0, -1));
  await peer.untilText('\r\n\r\no');
  nowMs += 7;
  upstream.send('k');
  await peer.untilText('ok');
  expect(durations(running)).toEqual({ request: [15], upstream: [5] });
  expect(await logged(running)).toEqual([[15, 5]]);
});

test('an answer before the whole request took the upstream no time', async () => {
  const running = await start();
  const peer = running.client();
  peer.send('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n');
  const upstream = await running.origin.connection(0);
  await upstream.untilText('\r\n\r\n');
  nowMs += 4;
  upstream.send(OK);
  await peer.until(({ ended }) => ended);
  expect(durations(running)).toEqual({ request: [4], upstream: [0] });
  expect(await logged(running)).toEqual([[4, 0]]);
});

test('what the proxy answers by itself has no time of the upstream', async () => {
  const running = await start();
  const peer = running.client();
  peer.send('GET /no HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.untilText('403');
  expect(durations(running)).toEqual({ request: [0], upstream: [] });
});

test('what its client broke off, and a tunnel, are not counted', async () => {
  const running = await start();
  const gone = running.client();
  gone.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  const first = await running.origin.connection(0);
  await first.untilText('\r\n\r\n');
  gone.socket.resetAndDestroy();
  await first.until(({ ended }) => ended);
  const peer = running.client();
  peer.send('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n');
  const second = await running.origin.connection(1);
  await second.untilText('\r\n\r\n');
  second.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n');
  await peer.untilText('101');
  second.socket.end();
  peer.socket.end();
  await peer.until(({ ended }) => ended);
  expect(running.handler.counters().errors).toEqual({ 'client-aborted': 1 });
  expect(durations(running)).toEqual({ request: [], upstream: [] });
});
