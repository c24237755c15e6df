/**
 * The upstream of a proxy under test: it records the exact bytes of every connection and answers
 * each request by the case's script. It lives as long as the suite; each case begins a new script.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { OriginAnswer, OriginStep } from '../../impls/conformance/case.ts';
import type { OriginConnection, ReceivedRequest } from '../../impls/conformance/observed.ts';
import { answer, reply, toBytes } from '../../impls/conformance/steps.ts';
import type { EventBoard } from './event-board.ts';
import { frameRequest, type MessageInProgress, MessageReader } from './message-reader.ts';
import { RecordedConnection } from './recorded-connection.ts';

/** Requests for this target are answered 200 whatever the script says, and not recorded. */
export const BARRIER_TARGET = '/.conformance-barrier';

/** What one case gives the origin. */
export interface OriginScript {
  readonly answers: readonly OriginAnswer[];
  readonly board: EventBoard;
  /** Bound of each wait. */
  readonly waitMs: number;
  /** A step of the script failed. */
  readonly onError: (error: Error) => void;
}

interface Conversation {
  readonly connection: RecordedConnection;
  readonly reader: MessageReader;
  readonly tunnel: Buffer[];
  problem: string | null;
  /** It has carried nothing but a barrier. */
  onlyBarrier: boolean;
}

interface RequestRecord {
  readonly conversation: Conversation;
  readonly message: MessageInProgress;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const DEFAULT_ANSWERS: readonly OriginAnswer[] = [answer(reply(200, 'ok'))];

export class ScriptedOrigin {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #script: OriginScript | null = null;
  #conversations: Conversation[] = [];
  #requests: RequestRecord[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /**
   * Listens, by default on a free loopback port, with TLS if a key and a certificate are given.
   * Rejects if it cannot listen there.
   */
  static async listen(
    tls?: { key: string; cert: string },
    at: { host: string; port: number } = { host: '127.0.0.1', port: 0 },
  ): Promise<ScriptedOrigin> {
    const accept = (socket: Socket): void => origin.#accept(socket);
    const server =
      tls === undefined
        ? createServer({ allowHalfOpen: true }, accept)
        : createTlsServer({ ...tls, allowHalfOpen: true, ALPNProtocols: ['http/1.1'] }, accept);
    // A client that refuses the certificate breaks the handshake, as it should.
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
    // With TLS, too, these are the sockets below it, those still in a handshake included.
    server.on('connection', (socket: Socket) => {
      origin.#sockets.add(socket);
      socket.once('close', () => origin.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at.port, at.host, 511, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was bound');
    const origin = new ScriptedOrigin(server, address.port);
    return origin;
  }

  begin(script: OriginScript): void {
    this.#script = script;
    this.#conversations = [];
    this.#requests = [];
  }

  observed(): { connections: OriginConnection[]; requests: ReceivedRequest[] } {
    const conversations = this.#conversations.filter((one) => !one.onlyBarrier);
    return {
      connections: conversations.map(({ connection, tunnel, problem }) => ({
        received: connection.received,
        sent: connection.sent,
        takenBytes: connection.takenBytes,
        tunnel: Buffer.concat(tunnel),
        problem,
        ending: connection.ending,
      })),
      requests: this.#requests.map(({ conversation, message }) =>
        asRequest(message, conversations.indexOf(conversation)),
      ),
    };
  }

  /**
   * Ends the case's connections. Returns false if the proxy held on to one of them: what it would
   * do with the next case is not known then.
   */
  async finish(): Promise<boolean> {
    this.#script = null;
    const closed = await Promise.all(this.#conversations.map((one) => one.connection.close()));
    return closed.every(Boolean);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #accept(socket: Socket): void {
    const script = this.#script;
    if (script === null) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const { board } = script;
    const conversation: Conversation = {
      connection: new RecordedConnection(socket, {
        data: (bytes) => conversation.reader.push(bytes),
        ended: () => {
          conversation.reader.end();
          board.raise('origin-ended');
        },
      }),
      reader: new MessageReader(frameRequest, {
        head: (message) => this.#receiveHead(script, conversation, message),
        body: (_message, bytes) => board.raise('origin-body', bytes.length),
        end: (message) => this.#receiveEnd(script, conversation, message),
        tunnel: (bytes) => {
          conversation.tunnel.push(bytes);
          board.raise('origin-tunnel', bytes.length);
        },
        problem: (text) => {
          conversation.problem = text;
          conversation.onlyBarrier = false;
        },
      }),
      tunnel: [],
      problem: null,
      onlyBarrier: true,
    };
    this.#conversations.push(conversation);
    board.raise('origin-connection');
  }

  #receiveHead(script: OriginScript, conversation: Conversation, message: MessageInProgress): void {
    if (isBarrier(message)) return;
    conversation.onlyBarrier = false;
    this.#requests.push({ conversation, message });
    script.board.raise('origin-head');
    if (this.#answerTo(script, message).at === 'head') this.#play(script, conversation, message);
  }

  #receiveEnd(script: OriginScript, conversation: Conversation, message: MessageInProgress): void {
    if (isBarrier(message)) {
      conversation.connection.send(reply(200, 'barrier'));
      return;
    }
    script.board.raise('origin-request');
    if (this.#answerTo(script, message).at !== 'head') this.#play(script, conversation, message);
  }

  #answerTo(script: OriginScript, message: MessageInProgress): OriginAnswer {
    const answers = script.answers.length === 0 ? DEFAULT_ANSWERS : script.answers;
    const index = this.#requests.findIndex((record) => record.message === message);
    return answers[Math.min(index, answers.length - 1)] ?? answer();
  }

  #play(script: OriginScript, conversation: Conversation, message: MessageInProgress): void {
    const { steps } = this.#answerTo(script, message);
    playSteps(script, conversation, message, steps).catch((error: unknown) => {
      script.onError(error instanceof Error ? error : new Error(String(error)));
    });
  }
}

async function playSteps(
  script: OriginScript,
  conversation: Conversation,
  message: MessageInProgress,
  steps: readonly OriginStep[],
): Promise<void> {
  const { connection, reader } = conversation;
  for (const step of steps) {
    switch (step.do) {
      case 'send':
        if (startsUpgrade(step.bytes)) reader.switchToTunnel();
        await connection.send(step.bytes, step.pieceBytes);
        break;
      case 'until':
        await script.board.until(step.event, step.count, script.waitMs);
        break;
      case 'mark':
        script.board.raise(`mark-${step.name}`);
        break;
      case 'continue':
        if (expectsContinue(message)) await connection.send(CONTINUE);
        break;
      case 'half-close':
        connection.halfClose();
        break;
      case 'reset':
        connection.reset();
        break;
    }
  }
}

function startsUpgrade(bytes: string | Uint8Array): boolean {
  return Buffer.from(toBytes(bytes).subarray(0, 12)).toString('latin1') === 'HTTP/1.1 101';
}

function expectsContinue({ fields }: MessageInProgress): boolean {
  return fields.some(([name, value]) => /^expect$/i.test(name) && /^100-continue$/i.test(value));
}

function isBarrier(message: MessageInProgress): boolean {
  return message.startLine === `GET ${BARRIER_TARGET} HTTP/1.1`;
}

function asRequest(message: MessageInProgress, connection: number): ReceivedRequest {
  const [, method = '', target = '', version = ''] =
    /^(\S*) (.*) HTTP\/(\S*)$/s.exec(message.startLine) ?? [];
  const { fields, framing, chunkBytes, chunkExtensions, trailers, complete, head } = message;
  const body = Buffer.concat(message.bodyParts);
  return {
    ...{ method, target, version, connection, fields, framing, body },
    ...{ chunkBytes, chunkExtensions, trailers, complete, head },
  };
}
