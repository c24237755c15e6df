/**
 * What the runner saw of one case: every byte on both sides, read as messages where they are some,
 * and what the proxy said of itself. Checks read this and nothing else.
 */
import type { ProxyCounters } from '../contract.ts';

export interface Observed {
  /** The client's connections in the order in which they were opened. */
  readonly client: readonly ClientConnection[];
  readonly origin: {
    readonly connections: readonly OriginConnection[];
    /** Over all connections, in order of arrival. */
    readonly requests: readonly ReceivedRequest[];
  };
  /** Lines logged since the case began. */
  readonly logLines: readonly string[];
  /** Before and after the case; null where the proxy does not count. */
  readonly countersBefore: ProxyCounters | null;
  readonly countersAfter: ProxyCounters | null;
  /** The exit code where the case ended the proxy and it exited, else undefined. */
  readonly exitCode?: number | null;
}

/** How the far side ended a connection. */
export type Ending = 'open' | 'ended' | 'reset';

export interface ClientConnection {
  /** The connection's name in the case. */
  readonly name: string;
  readonly sent: Uint8Array;
  /** How much of it has left the runner: the proxy, or the system on its behalf, took it. */
  readonly takenBytes: number;
  readonly received: Uint8Array;
  /** All answers, interim ones included, in order. The last may be incomplete. */
  readonly responses: readonly ReceivedResponse[];
  /** Bytes after a 101. */
  readonly tunnel: Uint8Array;
  /** Why what was received cannot be read as answers, if it cannot. */
  readonly problem: string | null;
  readonly ending: Ending;
}

export interface OriginConnection {
  readonly received: Uint8Array;
  readonly sent: Uint8Array;
  /** How much of it has left the runner: the proxy, or the system on its behalf, took it. */
  readonly takenBytes: number;
  readonly tunnel: Uint8Array;
  readonly problem: string | null;
  readonly ending: Ending;
}

/** Names as received, values without surrounding white space, latin-1. */
export type FieldList = readonly (readonly [name: string, value: string])[];

interface ReceivedMessage {
  /** `1.1` or `1.0`, or whatever stood there. */
  readonly version: string;
  readonly fields: FieldList;
  readonly framing: Framing;
  /** Without framing. */
  readonly body: Uint8Array;
  /** Sizes of the chunks as they were framed. */
  readonly chunkBytes: readonly number[];
  /** What stood after `;` in chunk heads. */
  readonly chunkExtensions: readonly string[];
  readonly trailers: FieldList;
  /** Head and body were received whole. */
  readonly complete: boolean;
  /** The head's bytes as received, latin-1, with its empty line. */
  readonly head: string;
}

export type Framing = 'none' | 'length' | 'chunked' | 'until-close';

export interface ReceivedRequest extends ReceivedMessage {
  readonly method: string;
  readonly target: string;
  /** The index of its connection. */
  readonly connection: number;
}

export interface ReceivedResponse extends ReceivedMessage {
  readonly status: number;
  readonly reason: string;
}
