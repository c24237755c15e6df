/**
 * One running proxy: takes connections over, swaps the policy, drains and closes. It does nothing
 * on the way of a request, which is this:
 *
 * 1. `client-connection.ts` takes what the socket has read (`read-in-place.ts`) and waits for a whole
 *    head.
 * 2. `request-head.ts` reads the head in place, with `field-reader.ts` over `byte-classes.ts`;
 *    `known-fields.ts`, `methods.ts`, `host.ts`, `content-length.ts`, `max-forwards.ts` and
 *    `connection-options.ts` judge it. What is refused here gets an answer of `synthetic.ts`.
 * 3. `exchange.ts` takes the policy in force (`snapshot.ts`) and asks it what method and path leave
 *    to decide (`decision-cache.ts`); `rules.ts` decides by fields. A rule on the body makes
 *    `held-request.ts` hold the request back; a drop is answered by `synthetic.ts`.
 * 4. `upstream-pool.ts` gives a connection. `forward.ts` writes the head with what `hop.ts` has
 *    ready, and `outgoing.ts` sends it in one write with the body that is there, past the stream if it can
 *    (`socket-writer.ts`).
 * 5. More of the body is framed by `client-connection.ts` (`chunk-reader.ts`) and sent as it comes;
 *    either side that takes no more pauses the other.
 * 6. `answer-relay.ts` takes what the upstream sends: `response-head.ts` reads the head,
 *    `answer-head.ts` writes it, `answer-body.ts` finds the end. After a 101, `tunnel.ts` instead.
 * 7. `exchange.ts` ends: the upstream connection goes back or goes away, `exchange-times.ts` says how
 *    long it took (`durations.ts` counts it), `exchange-log.ts` queues
 *    the line in `log-writer.ts`, and the client connection goes on with step 1.
 *
 * `timeouts.ts` looks at all of them now and then; `core.ts` lists what they share.
 */

import type { Socket } from 'node:net';
import type {
  DrainReport,
  ProxyCounters,
  ProxyHandler,
  ProxyOptions,
  ReloadReport,
} from '../contract.ts';
import type { Limits, Policy } from '../policy/policy.ts';
import { writeAnswerHead } from './answer-head.ts';
import { BufferPool } from './buffer-pool.ts';
import { ClientConnection } from './client-connection.ts';
import type { Core } from './core.ts';
import { Counters, HitCounter } from './counters.ts';
import { copyAnswerHead, copyRequestHead } from './field-copies.ts';
import { FieldTable } from './field-reader.ts';
import { writeRequestHead } from './forward.ts';
import { LogWriter } from './log-writer.ts';
import { Outgoing } from './outgoing.ts';
import { type Parts, partsOf } from './parts.ts';
import { PatternCache, type PatternSource, UncachedPatterns } from './pattern-cache.ts';
import { RequestHead } from './request-head.ts';
import { ResponseHead } from './response-head.ts';
import { type CompiledPolicy, compilePolicy, makeAnewWhenRead } from './snapshot.ts';
import { Timeouts } from './timeouts.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** How long `close` waits for the log sink. */
const LOG_DEADLINE_MS = 1000;
const CLIENT_READ_BYTES = 64 * 1024;

export class OptimizedHandler implements ProxyHandler {
  readonly #core: Core;
  readonly #parts: Parts;
  readonly #patterns: PatternSource;
  readonly #decisions = new HitCounter();
  #onEmpty: (() => void) | null = null;
  #closed = false;

  constructor(options: ProxyOptions) {
    const parts = partsOf(options.parts);
    this.#parts = parts;
    this.#patterns = parts.patternCache ? new PatternCache() : new UncachedPatterns();
    const timeouts = new Timeouts(options.clock, shortestTimeout(options.policy.limits));
    const buffers = parts.pools ? new BufferPool() : new BufferPool(0);
    this.#core = {
      options,
      snapshot: this.#compile(options.policy).snapshot,
      draining: false,
      requestHead: new RequestHead(),
      responseHead: new ResponseHead(),
      trailers: new FieldTable(16),
      noFields: new FieldTable(0),
      out: new Outgoing(buffers),
      buffers,
      clientReads: Buffer.allocUnsafeSlow(CLIENT_READ_BYTES),
      bodyReads: [],
      writeRequestHead: parts.headerRanges ? writeRequestHead : copyRequestHead,
      writeAnswerHead: parts.headerRanges ? writeAnswerHead : copyAnswerHead,
      log: new LogWriter(options.log, options.policy.limits.logQueueBytes),
      upstreams: new UpstreamPool(options.upstream, timeouts),
      timeouts,
      counters: new Counters(),
      clients: new Set(),
      clientClosed: () => {
        if (this.#core.clients.size === 0) this.#onEmpty?.();
      },
    };
    if (!parts.snapshot) {
      makeAnewWhenRead(this.#core, (policy) => this.#compile(policy).snapshot);
    }
  }

  handle(socket: Socket, initialBytes?: Uint8Array): void {
    if (this.#closed || socket.destroyed) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    const connection = new ClientConnection(this.#core, socket);
    if (initialBytes !== undefined) connection.readInitial(initialBytes);
    if (this.#core.draining) connection.drain();
  }

  reload(policy: Policy): ReloadReport {
    const compiled = this.#compile(policy);
    this.#core.snapshot = compiled.snapshot;
    this.#core.timeouts.setShortest(shortestTimeout(policy.limits));
    this.#core.log.setLimit(policy.limits.logQueueBytes);
    const { rules, patternsKept, patternsCompiled } = compiled;
    return { rules, patternsKept, patternsCompiled };
  }

  counters(): ProxyCounters {
    const { buffers, counters, log } = this.#core;
    const { decisionCache, patternCache, pools } = this.#parts;
    return counters.read(
      {
        ...(decisionCache ? { decision: this.#decisions } : {}),
        ...(patternCache ? { pattern: this.#patterns.counts } : {}),
      },
      pools ? { buffer: buffers.counts } : {},
      { written: log.written, dropped: log.dropped },
    );
  }

  #compile(policy: Policy): CompiledPolicy {
    return compilePolicy(
      policy,
      this.#patterns,
      this.#parts.decisionCache ? this.#decisions : null,
    );
  }

  async drain(deadlineMs: number): Promise<DrainReport> {
    const { clients } = this.#core;
    this.#core.draining = true;
    const atStart = clients.size;
    const emptied = this.#emptied();
    for (const client of clients) client.drain();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([emptied, late]);
    clearTimeout(timer);
    const destroyed = clients.size;
    for (const client of clients) client.socket.destroy();
    await emptied;
    return { finished: Math.max(0, atStart - destroyed), destroyed };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const emptied = this.#emptied();
    for (const client of this.#core.clients) client.socket.destroy();
    await emptied;
    await this.#core.upstreams.close();
    this.#core.timeouts.close();
    await this.#core.log.close(LOG_DEADLINE_MS);
  }

  /** Resolves when no client connection is left. */
  #emptied(): Promise<void> {
    if (this.#core.clients.size === 0) return Promise.resolve();
    const before = this.#onEmpty;
    return new Promise((resolve) => {
      this.#onEmpty = () => {
        before?.();
        resolve();
      };
    });
  }
}

function shortestTimeout(limits: Limits): number {
  return Math.min(
    limits.headTimeoutMs,
    limits.bodyTimeoutMs,
    limits.idleTimeoutMs,
    limits.connectTimeoutMs,
    limits.firstByteTimeoutMs,
  );
}
