/**
 * The client of a case: plays its steps on one or more connections to the proxy and records what
 * comes back. Waiting and giving up are the event board's.
 */
import { connect } from 'node:net';
import type { ClientConnection, ReceivedResponse } from '../../impls/conformance/observed.ts';
import { get } from '../../impls/conformance/steps.ts';
import type { EventBoard } from './event-board.ts';
import { frameResponse, type MessageInProgress, MessageReader } from './message-reader.ts';
import { RecordedConnection } from './recorded-connection.ts';
import { BARRIER_TARGET } from './scripted-origin.ts';

interface Conversation {
  readonly name: string;
  readonly connection: RecordedConnection;
  readonly reader: MessageReader;
  readonly messages: MessageInProgress[];
  readonly tunnel: Buffer[];
  finals: number;
  problem: string | null;
}

export class ScriptedClient {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #board: EventBoard;
  readonly #methods: Readonly<Record<string, readonly string[]>>;
  readonly #conversations = new Map<string, Conversation>();

  constructor(
    address: { readonly host: string; readonly port: number },
    board: EventBoard,
    methods: Readonly<Record<string, readonly string[]>>,
  ) {
    this.#address = address;
    this.#board = board;
    this.#methods = methods;
  }

  /** The connection of this name, opened if it is not yet. */
  connection(name: string): RecordedConnection {
    return this.#conversation(name).connection;
  }

  observed(): ClientConnection[] {
    return [...this.#conversations.values()].map((one) => ({
      name: one.name,
      sent: one.connection.sent,
      takenBytes: one.connection.takenBytes,
      received: one.connection.received,
      responses: one.messages.map(asResponse),
      tunnel: Buffer.concat(one.tunnel),
      problem: one.problem,
      ending: one.connection.ending,
    }));
  }

  close(): void {
    for (const one of this.#conversations.values()) one.connection.destroy();
  }

  #conversation(name: string): Conversation {
    const known = this.#conversations.get(name);
    if (known !== undefined) return known;
    const opened = this.#open(name);
    this.#conversations.set(name, opened);
    return opened;
  }

  #open(name: string): Conversation {
    const board = this.#board;
    const methods = this.#methods[name] ?? [];
    const conversation: Conversation = {
      name,
      connection: new RecordedConnection(connect({ ...this.#address, allowHalfOpen: true }), {
        data: (bytes) => {
          board.raise('client-bytes', bytes.length);
          conversation.reader.push(bytes);
        },
        ended: (how) => {
          if (how === 'ended') conversation.reader.end();
          board.raise('client-ended');
          board.raise('client-settled');
        },
      }),
      reader: new MessageReader(
        (line, fields) => frameResponse(line, fields, methods[conversation.finals] ?? 'GET'),
        {
          head: (message) => {
            conversation.messages.push(message);
            if (!isInterim(message)) board.raise('client-head');
          },
          body: (_message, bytes) => board.raise('client-body', bytes.length),
          end: (message) => {
            if (isInterim(message)) {
              board.raise('client-interim');
            } else {
              conversation.finals++;
              board.raise('client-response');
              board.raise('client-settled');
            }
          },
          tunnel: (bytes) => {
            conversation.tunnel.push(bytes);
            board.raise('client-tunnel', bytes.length);
          },
          problem: (text) => {
            conversation.problem = text;
          },
        },
      ),
      messages: [],
      tunnel: [],
      finals: 0,
      problem: null,
    };
    return conversation;
  }
}

/**
 * Sends a plain request on a connection of its own and waits for any byte of an answer. Rejects if
 * none comes in `boundMs`.
 */
export function passBarrier(
  address: { readonly host: string; readonly port: number },
  boundMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address });
    const fail = (): void => {
      socket.destroy();
      reject(new Error(`a plain request on a new connection had no answer in ${boundMs} ms`));
    };
    const timer = setTimeout(fail, boundMs);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('a plain request on a new connection was closed without an answer'));
    });
    socket.write(get(BARRIER_TARGET, 'Connection: close'));
  });
}

function isInterim(message: MessageInProgress): boolean {
  const status = statusOf(message);
  return status >= 100 && status < 200 && status !== 101;
}

function statusOf(message: MessageInProgress): number {
  return Number(message.startLine.split(' ')[1]);
}

function asResponse(message: MessageInProgress): ReceivedResponse {
  const [, version = '', reason = ''] = /^HTTP\/(\S*) \S* ?(.*)$/s.exec(message.startLine) ?? [];
  const { fields, framing, chunkBytes, chunkExtensions, trailers, complete, head } = message;
  const body = Buffer.concat(message.bodyParts);
  return {
    ...{ status: statusOf(message), version, reason, fields, framing, body },
    ...{ chunkBytes, chunkExtensions, trailers, complete, head },
  };
}
