/**
 * This proxy's operations one by one, as `exchange.ts` and what it calls put them together: the same
 * readers, caches and pools, with the parts that are on. Nothing here serves requests.
 */
import type {
  BodyReader,
  BodyReading,
  HeadFilter,
  PatternMatcher,
  ProxyComponents,
  RequestDecider,
  RequestDecision,
  Upstream,
} from '../contract.ts';
import type { Pattern, Policy } from '../policy/policy.ts';
import { BodyWindow } from './body-window.ts';
import { BufferPool } from './buffer-pool.ts';
import { HitCounter } from './counters.ts';
import { copyRequestHead } from './field-copies.ts';
import { writeRequestHead } from './forward.ts';
import { HEAD_READ } from './framing.ts';
import { type Hop, hopOf } from './hop.ts';
import { Outgoing } from './outgoing.ts';
import { type Parts, partsOf } from './parts.ts';
import { PatternCache, type PatternSource, UncachedPatterns } from './pattern-cache.ts';
import { RequestHead } from './request-head.ts';
import {
  anyFound,
  type CompiledRule,
  needsBody,
  type SeenBody,
  selectByBody,
  selectByFields,
} from './rules.ts';
import { compilePolicy, makeAnewWhenRead, type Snapshot } from './snapshot.ts';

/** Operations that share nothing with those of another call. */
export function createComponents(names?: ReadonlySet<string>): ProxyComponents {
  const parts = partsOf(names);
  const patterns = parts.patternCache ? new PatternCache() : new UncachedPatterns();
  return {
    matcher: (set) => matcherOf(set, patterns),
    headFilter: (policy, peer) => new InPlaceFilter(policy, peer, parts),
    buffers: () => poolOf(parts),
    decider: (policy) => new SnapshotDecider(policy, patterns, parts),
    bodyReader: (policy) => new StreamingReader(policy, poolOf(parts)),
  };
}

function poolOf({ pools }: Parts): BufferPool {
  return pools ? new BufferPool() : new BufferPool(0);
}

function matcherOf(set: readonly Pattern[], patterns: PatternSource): PatternMatcher {
  const compiled = set.map((pattern) => patterns.get(pattern));
  return { matches: (subject) => anyFound(compiled, subject) };
}

/** Only for requests without a Host, which are not given here. */
const NO_UPSTREAM: Upstream = { protocol: 'http:', host: '127.0.0.1', port: 80 };

class InPlaceFilter implements HeadFilter {
  readonly #policy: Policy;
  readonly #hop: Hop;
  readonly #write: typeof writeRequestHead;
  readonly #head = new RequestHead();
  readonly #out: Outgoing;

  constructor(policy: Policy, peer: string, parts: Parts) {
    const { snapshot } = compilePolicy(policy, new PatternCache(), null);
    this.#policy = policy;
    this.#hop = hopOf({ peer, scheme: 'http' }, NO_UPSTREAM, snapshot);
    this.#write = parts.headerRanges ? writeRequestHead : copyRequestHead;
    this.#out = new Outgoing(poolOf(parts));
  }

  filter(bytes: Buffer): Buffer {
    readHead(this.#head, bytes, this.#policy);
    this.#write(this.#out, bytes, this.#head, this.#hop, true);
    return this.#out.take();
  }
}

class SnapshotDecider implements RequestDecider {
  readonly #compile: (policy: Policy) => Snapshot;
  /** As `core.ts` holds it. */
  readonly #inForce: { snapshot: Snapshot };

  constructor(policy: Policy, patterns: PatternSource, { decisionCache, snapshot }: Parts) {
    const decisions = decisionCache ? new HitCounter() : null;
    this.#compile = (next) => compilePolicy(next, patterns, decisions).snapshot;
    this.#inForce = { snapshot: this.#compile(policy) };
    if (!snapshot) makeAnewWhenRead(this.#inForce, this.#compile);
  }

  request(bytes: Buffer): () => RequestDecision {
    const head = new RequestHead();
    readHead(head, bytes, this.#inForce.snapshot.policy);
    return () => this.#decide(bytes, head);
  }

  reload(policy: Policy): void {
    this.#inForce.snapshot = this.#compile(policy);
  }

  #decide(bytes: Buffer, head: RequestHead): RequestDecision {
    const decision = this.#inForce.snapshot.decide(head.decisionKey(bytes));
    return {
      drop: nameOf(selectByFields(decision.drops, bytes, head.fields)),
      logging: nameOf(selectByFields(decision.loggings, bytes, head.fields)),
    };
  }
}

class StreamingReader implements BodyReader {
  readonly #policy: Policy;
  readonly #out: Outgoing;
  readonly #window: BodyWindow;

  constructor(policy: Policy, pool: BufferPool) {
    this.#policy = policy;
    this.#out = new Outgoing(pool);
    this.#window = new BodyWindow(pool);
  }

  read(pieces: readonly Buffer[], wantsText: boolean): BodyReading {
    if (wantsText) this.#window.open(this.#policy.limits.bodyMatchBytes);
    let length = 0;
    for (const piece of pieces) {
      if (wantsText) this.#window.add(piece, 0, piece.length);
      this.#out.range(piece, 0, piece.length);
      length += this.#out.take().length;
    }
    if (!wantsText) return { length, text: null };
    const text = this.#window.text();
    this.#window.close();
    return { length, text };
  }
}

function readHead(head: RequestHead, bytes: Buffer, { limits }: Policy): void {
  const result = head.read(bytes, 0, bytes.length, limits);
  if (result !== HEAD_READ) throw new Error(`the head is refused with ${result}`);
}

const NO_BODY: SeenBody = { mayHold: () => false, text: () => '' };

/** The first rule that matches a request without a body. */
function nameOf(rules: readonly CompiledRule<{ readonly name: string }>[]): string | null {
  const selected = needsBody(rules) ? selectByBody(rules, NO_BODY) : rules[0];
  return selected?.rule.name ?? null;
}
