/**
 * Saturation: a closed loop that keeps every connection busy, by autocannon. It gives the peak
 * throughput and how a server behaves on many connections. What it calls latency is the service
 * time of a closed loop, in whole milliseconds: a server that stalls is asked less, so the waits are
 * not in it. Never a latency at a rate, and never judged.
 *
 * This is the one file that imports autocannon, and it does so without a rate: in version 9 `-R`
 * corrects for coordinated omission with seconds where milliseconds are meant, halves the median,
 * and sends each second's requests in a burst.
 */
import { Buffer } from 'node:buffer';
import type { Client, Request, Result } from 'autocannon';
import type { LoadExchange } from './answer-reader.ts';
import type { LoadTarget } from './load-error.ts';
import { exchangeAt, type RequestStream } from './request-stream.ts';

/** How a target is saturated. */
export interface SaturationOptions {
  readonly target: LoadTarget;
  readonly stream: RequestStream;
  /** Each has one request under way at all times. */
  readonly connections: number;
  readonly durationMs: number;
  /** Ends it within a second; what was measured until then is given. */
  readonly signal: AbortSignal;
  /** Called about once a second with the requests answered since. */
  readonly onSecond?: (answered: number) => void;
}

/** What a closed loop saw. */
export interface Saturation {
  /** Answered, rightly or not. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Service times, whole milliseconds. */
  readonly serviceP50Ms: number;
  readonly serviceP99Ms: number;
  readonly serviceMaxMs: number;
  /** By kind: `connection`, `timeout`, `wrong-status`, `wrong-length`, `wrong-body`. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Requests that each connection goes through, from a place of its own. */
const MOST_REQUESTS = 256;
const SAMPLE_MS = 100;

/** Saturates a target. Rejects only if autocannon refuses its options. */
export async function saturate(options: SaturationOptions): Promise<Saturation> {
  const failures: Record<string, number> = {};
  let answered = 0;
  const requests = requestsOf(options.stream, (failure) => {
    answered += 1;
    if (failure !== null) failures[failure] = (failures[failure] ?? 0) + 1;
  });
  const timer = setInterval(() => {
    options.onSecond?.(answered);
    answered = 0;
  }, 1000);
  const result = await run(options, requests).finally(() => clearInterval(timer));
  if (result.errors > result.timeouts) failures.connection = result.errors - result.timeouts;
  if (result.timeouts > 0) failures.timeout = result.timeouts;
  return {
    requests: result.requests.total,
    requestsPerSecond: result.requests.total / result.duration,
    serviceP50Ms: result.latency.p50,
    serviceP99Ms: result.latency.p99,
    serviceMaxMs: result.latency.max,
    failures,
  };
}

async function run(options: SaturationOptions, requests: AskedRequest[]): Promise<Result> {
  const { default: autocannon } = await import('autocannon');
  const { target, connections, durationMs, signal } = options;
  let clients = 0;
  return new Promise((resolve, reject) => {
    const settings = {
      url: `http://${target.host}:${target.port}`,
      connections,
      duration: durationMs / 1000,
      sampleInt: SAMPLE_MS,
      setupClient: (client: Client): void => {
        // Each begins elsewhere, so that they do not all ask for the same at once.
        const from = Math.floor((clients * requests.length) / connections);
        clients += 1;
        client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
      },
    };
    const instance = autocannon(settings, (error: Error | null, result) => {
      signal.removeEventListener('abort', stop);
      if (error === null) resolve(result);
      else reject(error);
    });
    const stop = (): void => instance.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}

/** Told of each answer: how it was wrong, or null. */
type Answered = (failure: string | null) => void;

/** A request as autocannon takes it. */
interface AskedRequest {
  readonly method: NonNullable<Request['method']>;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Buffer;
  readonly onResponse: (status: number, body: string) => void;
}

/**
 * The first requests of the stream. HEAD is left out: autocannon waits for the body that its
 * answer's length announces.
 */
function requestsOf(stream: RequestStream, tell: Answered): AskedRequest[] {
  const requests: AskedRequest[] = [];
  for (let at = 0; at < stream.order.length && requests.length < MOST_REQUESTS; at += 1) {
    const exchange = exchangeAt(stream, at);
    if (exchange.method !== 'HEAD') requests.push(requestOf(exchange, tell));
  }
  return requests;
}

function requestOf(exchange: LoadExchange, tell: Answered): AskedRequest {
  const { requestBytes, answer } = exchange;
  const headEnd = requestBytes.indexOf('\r\n\r\n');
  const [, ...lines] = requestBytes.toString('latin1', 0, headEnd).split('\r\n');
  const body = requestBytes.subarray(headEnd + 4);
  const expected = answer.body.toString('utf8');
  return {
    method: exchange.method as AskedRequest['method'],
    path: exchange.target,
    headers: headersOf(lines),
    ...(body.length === 0 ? {} : { body: Buffer.from(body) }),
    onResponse: (status, received) => {
      if (status !== answer.status) tell('wrong-status');
      else if (received.length !== expected.length) tell('wrong-length');
      else tell(received === expected ? null : 'wrong-body');
    },
  };
}

/** As an object: autocannon adds the framing, and keeps every connection by itself. */
function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    if (!/^(connection|content-length)$/i.test(name)) headers[name] = line.slice(colon + 1).trim();
  }
  return headers;
}
