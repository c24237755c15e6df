/**
 * The origin: a deterministic server that gives every request of a scenario the answer prepared for
 * it, in one write, as cheaply as node's sockets allow, since it shares a core with the driver. It
 * deliberately has no timeouts, no backpressure (the driver bounds what is in flight) and no
 * conformance checks beyond what it needs to find where each message ends.
 */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Opening, type Traffic, VARIANT_FIELD } from '../scenarios/exchange.ts';
import { acceptOf } from '../scenarios/websocket-traffic.ts';
import type { BodyReader } from './origin-body.ts';
import { bodyReader } from './origin-body.ts';
import { fieldNumber, INCOMPLETE, MALFORMED, newHeadScan, scanHead } from './origin-head.ts';
import { MessageEcho } from './origin-messages.ts';
import type { SocketReader } from './origin-socket.ts';
import { socketReader } from './origin-socket.ts';
import type { OriginEntry, OriginTable } from './origin-table.ts';
import { buildOriginTable, findEntry } from './origin-table.ts';

/** What has happened since the start; all cumulative. */
export interface OriginCounters {
  /** Answers given, those with an error and echoed messages included; upgrades are none. */
  requests: number;
  /** Requests whose method and target are not in the scenario: answered 404. */
  unknown: number;
  /** Messages whose end could not be found: answered 400, connection closed. */
  malformed: number;
  /** Requests whose body was not the one that was sent: answered 400. */
  wrongBody: number;
  /** Connections accepted. */
  connections: number;
}

/** A running origin. */
export interface OriginServer {
  readonly port: number;
  counters(): OriginCounters;
  /** Stops listening and destroys what is open. */
  close(): Promise<void>;
}

/** An error answer names its reason in `X-Origin-Error`: `unknown-target`, `body` or `malformed`. */
const ORIGIN_ERROR_HEADER = 'X-Origin-Error';

const UNKNOWN = errorAnswer(404, 'Not Found', 'unknown-target');
const WRONG_BODY = errorAnswer(400, 'Bad Request', 'body');
const BAD_MESSAGE = errorAnswer(400, 'Bad Request', 'malformed');
const NOTHING = Buffer.alloc(0);
/** A head longer than this is a mistake, not a scenario's. */
const MAX_HEAD_BYTES = 131_072;

/**
 * Prepares the answers, listens (by default on 127.0.0.1 and any free port) and resolves when ready.
 * Rejects if it cannot listen there.
 */
export async function startOrigin(options: {
  readonly traffic: Traffic;
  readonly at?: { readonly host: string; readonly port: number };
}): Promise<OriginServer> {
  const { traffic } = options;
  const table = buildOriginTable(traffic);
  const delayMs = traffic.conditions?.originDelayMs ?? 0;
  const counters: OriginCounters = {
    requests: 0,
    unknown: 0,
    malformed: 0,
    wrongBody: 0,
    connections: 0,
  };
  const sockets = new Set<Socket>();
  const read = socketReader();
  const listening = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
  const server: Server = createServer(listening, (accepted) => {
    counters.connections++;
    const socket = serve(accepted, read, { table, counters, delayMs, opening: traffic.opening });
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen({ host: '127.0.0.1', port: 0, ...options.at, backlog: 4096 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    counters: () => ({ ...counters }),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** One result object for all connections: a scan never outlives the call that made it. */
const scan = newHeadScan();

/** What all connections share. */
interface Service {
  readonly table: OriginTable;
  readonly counters: OriginCounters;
  /** An answer comes so much later than its request. */
  readonly delayMs: number;
  /** The request that is answered by an upgrade, if there is one. */
  readonly opening: Opening | undefined;
}

function serve(accepted: Socket, read: SocketReader, service: Service): Socket {
  const { table, counters, delayMs, opening } = service;
  /** Of an upgraded connection. */
  let echo: MessageEcho | null = null;
  /** The beginning of a head that has not come whole. */
  let held: Buffer = NOTHING;
  let body: BodyReader | null = null;
  /** What answers the request whose body is being read. */
  let waiting: OriginEntry | undefined;
  let closing = false;
  let ended = false;

  const socket = read(accepted, (chunk) => {
    if (ended) return;
    if (echo !== null) return answerMessages(echo, chunk);
    let bytes = chunk;
    if (held.length > 0) {
      bytes = Buffer.concat([held, chunk]);
      held = NOTHING;
    }
    let at = 0;
    while (at < bytes.length) {
      if (body !== null) {
        at = body.read(bytes, at);
        if (body.broken) return refuse();
        if (body.done) finish(body.matches);
        if (ended) return;
        continue;
      }
      scanHead(bytes, at, scan);
      if (scan.end === INCOMPLETE && bytes.length - at <= MAX_HEAD_BYTES) {
        held = Buffer.from(bytes.subarray(at));
        return;
      }
      if (scan.end === MALFORMED || scan.end === INCOMPLETE) return refuse();
      if (opening !== undefined && isOpening(opening, bytes, at, scan.keyEnd)) {
        return upgrade(bytes, at, scan.end);
      }
      const found = findEntry(table, bytes, at, scan.keyEnd);
      const entry = found?.variants == null ? found : variantOf(found, bytes, at, scan.end);
      at = scan.end;
      closing = scan.close;
      if (scan.contentLength > 0 || scan.chunked) {
        waiting = entry;
        body = bodyReader(scan, entry === undefined ? NOTHING : entry.requestBody);
      } else answer(entry, entry === undefined || entry.requestBody.length === 0);
      if (ended) return;
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  return socket;

  function finish(matches: boolean): void {
    const entry = waiting;
    body = null;
    waiting = undefined;
    answer(entry, matches);
  }

  /** A client sends nothing more before it is answered (RFC 6455 4.1). */
  function upgrade(bytes: Buffer, start: number, end: number): void {
    const upgraded = upgradeAnswer(bytes.toString('latin1', start, end));
    if (upgraded === null || end !== bytes.length) refuse();
    else {
      echo = new MessageEcho();
      socket.write(upgraded);
    }
  }

  function answerMessages(echoing: MessageEcho, chunk: Buffer): void {
    const before = echoing.messages;
    const echoes = echoing.read(chunk);
    counters.requests += echoing.messages - before;
    if (echoes === null) refuse();
    else if (delayMs === 0) socket.write(echoes);
    else setTimeout(() => socket.write(echoes), delayMs);
  }

  function answer(entry: OriginEntry | undefined, bodyMatches: boolean): void {
    counters.requests++;
    let bytes: Buffer;
    let largeBody: Buffer | null = null;
    if (entry === undefined) {
      counters.unknown++;
      bytes = UNKNOWN;
    } else if (!bodyMatches) {
      counters.wrongBody++;
      bytes = WRONG_BODY;
    } else {
      bytes = entry.answer;
      largeBody = entry.largeBody;
    }
    if (delayMs === 0) write(bytes, largeBody);
    else setTimeout(write, delayMs, bytes, largeBody);
  }

  function write(bytes: Buffer, largeBody: Buffer | null): void {
    if (largeBody !== null) writeBoth(bytes, largeBody);
    else if (closing) end(bytes);
    else socket.write(bytes);
  }

  /** Head and body in one system call, the body as it lies. */
  function writeBoth(head: Buffer, largeBody: Buffer): void {
    socket.cork();
    socket.write(head);
    if (closing) end(largeBody);
    else socket.write(largeBody);
    socket.uncork();
  }

  function refuse(): void {
    counters.requests++;
    counters.malformed++;
    end(BAD_MESSAGE);
  }

  function end(bytes: Buffer): void {
    ended = true;
    socket.end(bytes);
  }
}

function isOpening(opening: Opening, bytes: Buffer, start: number, end: number): boolean {
  return bytes.toString('latin1', start, end) === `${opening.method} ${opening.target}`;
}

/** The answer to a WebSocket handshake, or null for a request that is none (RFC 6455 4.2.1). */
function upgradeAnswer(head: string): Buffer | null {
  const key = /\r\nsec-websocket-key:[ \t]*(\S+)/i.exec(head)?.[1];
  const upgrades = /\r\nupgrade:[ \t]*websocket\r\n/i.test(head);
  if (key === undefined || !upgrades) return null;
  return Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
    'latin1',
  );
}

const VARIANT_NAME = VARIANT_FIELD.toLowerCase();

/** The answer that the request names among several. */
function variantOf(
  entry: OriginEntry,
  bytes: Buffer,
  start: number,
  end: number,
): OriginEntry | undefined {
  return entry.variants?.[fieldNumber(bytes, start, end, VARIANT_NAME)];
}

function errorAnswer(status: number, reason: string, error: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status} ${reason}\r\n${ORIGIN_ERROR_HEADER}: ${error}\r\nContent-Length: 0\r\n\r\n`,
    'latin1',
  );
}
