/**
 * Makes a recorded scenario of the requests that a reader gives: what cannot be sent again is left
 * out and counted by reason, what must not be kept is redacted, and the rest keeps its order.
 */
import {
  type Field,
  MAX_RECORDED_REQUESTS,
  type RecordedExchange,
  type RecordedScenario,
} from '../model/scenario.ts';
import type { RecordedItem, RecordedRequest, UnreadablePart } from './recorded-request.ts';
import { Redaction } from './redacting.ts';

/** Why a request is left out. */
export type SkipReason =
  | 'no answer was recorded'
  | 'an upgrade or an interim answer'
  | 'a tunnel (CONNECT)'
  | 'a target that is no path, such as *'
  | 'no http or https URL'
  | 'a method, target or field that HTTP does not allow'
  | 'longer than servers take'
  | 'the policy drops it';

export interface RecorderOptions {
  /** Requests kept at the most; from 1 to {@link MAX_RECORDED_REQUESTS}. */
  readonly limit: number;
  /** A larger body is recorded as one of this size. */
  readonly mostBodyBytes: number;
  /** True for a request that the policy of later runs drops. */
  readonly isDropped: (exchange: RecordedExchange) => boolean;
}

/** What a recording came to. */
export interface Recording {
  readonly scenario: RecordedScenario;
  readonly summary: RecordingSummary;
}

export interface RecordingSummary {
  readonly requests: number;
  readonly distinct: number;
  readonly methods: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests by host, those kept and those left out; empty where no host is known. */
  readonly hosts: {
    readonly kept: Readonly<Record<string, number>>;
    readonly leftOut: Readonly<Record<string, number>>;
  };
  readonly skipped: Readonly<Record<string, number>>;
  readonly unreadable: { readonly count: number; readonly examples: readonly UnreadablePart[] };
  readonly redacted: { readonly fields: number; readonly queryValues: number };
  /** Bodies that were larger than is kept. */
  readonly cutBodies: number;
  /** True if the input went on after the limit. */
  readonly limited: boolean;
}

/** How a scenario is named. */
export interface ScenarioNaming {
  readonly name: string;
  readonly title: string;
  /** Where it comes from, a sentence. */
  readonly source: string;
}

const EXAMPLES = 3;
const DEFAULT_HOST = 'www.example.com';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PATH = /^\/[\x21-\x7e]*$/;
const HOST = /^[a-z0-9.-]+(:\d+)?$/;
const MOST_TARGET_BYTES = 8000;
const MOST_HEAD_BYTES = 16_000;
const MOST_FIELDS = 90;
/** Framing and what belongs to one connection: the driver and the origin have their own. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'x-recorded-answer',
]);

/** One request that is kept, with its host, and what was done to it. */
interface Kept {
  readonly host: string | null;
  readonly exchange: RecordedExchange;
  readonly redactedFields: number;
  readonly redactedQueryValues: number;
  readonly cutBodies: number;
}

/** Takes items one by one. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #kept: Kept[] = [];
  readonly #skipped: Record<string, number> = {};
  readonly #examples: UnreadablePart[] = [];
  /** Equal exchanges are one object, so that a log of few targets takes little memory. */
  readonly #known = new Map<string, RecordedExchange>();
  #unreadable = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Takes an item. Returns false once no more are wanted. */
  add(item: RecordedItem): boolean {
    if ('unreadable' in item) {
      this.#unreadable += 1;
      if (this.#examples.length < EXAMPLES) this.#examples.push(item.unreadable);
      return true;
    }
    if (this.#kept.length >= this.#options.limit) return false;
    const kept = this.#prepare(item.request);
    if (typeof kept === 'string') this.#skipped[kept] = (this.#skipped[kept] ?? 0) + 1;
    else this.#kept.push(kept);
    return true;
  }

  /** True if anything could be read at all. */
  get readAny(): boolean {
    return this.#kept.length > 0 || Object.keys(this.#skipped).length > 0;
  }

  /** Requests by host, the most first. */
  hosts(): readonly (readonly [string, number])[] {
    const counts = new Map<string, number>();
    for (const { host } of this.#kept) {
      if (host !== null) counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  /**
   * The scenario of what was taken. `wanted` are the hosts whose requests are kept; null: all of
   * them. Null if no request is left.
   */
  finish(
    naming: ScenarioNaming,
    wanted: ReadonlySet<string> | null,
    limited: boolean,
  ): Recording | null {
    const isWanted = ({ host }: Kept): boolean =>
      host === null || wanted === null || wanted.has(host);
    const kept = this.#kept.filter(isWanted);
    if (kept.length === 0) return null;
    const scenario = this.#scenarioOf(kept, naming);
    const hostsOf = (some: readonly Kept[]): Record<string, number> =>
      tally(some.flatMap(({ host }) => host ?? []));
    return {
      scenario,
      summary: {
        requests: kept.length,
        distinct: scenario.exchanges.length,
        methods: tally(kept.map(({ exchange }) => exchange.method)),
        statuses: tally(kept.map(({ exchange }) => String(exchange.answer.status))),
        hosts: {
          kept: hostsOf(kept),
          leftOut: hostsOf(this.#kept.filter((one) => !isWanted(one))),
        },
        skipped: this.#skipped,
        unreadable: { count: this.#unreadable, examples: this.#examples },
        redacted: {
          fields: total(kept, 'redactedFields'),
          queryValues: total(kept, 'redactedQueryValues'),
        },
        cutBodies: total(kept, 'cutBodies'),
        limited,
      },
    };
  }

  #scenarioOf(kept: readonly Kept[], { name, title, source }: ScenarioNaming): RecordedScenario {
    const [first] = this.hosts();
    const host = kept.find((one) => one.host === first?.[0])?.host ?? kept[0]?.host ?? DEFAULT_HOST;
    const indices = new Map<string, number>();
    const exchanges: RecordedExchange[] = [];
    const order = kept.map((one) => {
      const exchange =
        one.host === null || one.host === host ? one.exchange : { ...one.exchange, host: one.host };
      const key = JSON.stringify(exchange);
      const known = indices.get(key);
      if (known !== undefined) return known;
      indices.set(key, exchanges.length);
      return exchanges.push(exchange) - 1;
    });
    return {
      kind: 'recorded',
      name,
      title,
      description:
        'Recorded traffic: methods, targets, sizes, statuses and the fields that the recording has, in their order. Bodies are invented, credentials are replaced.',
      source: { text: source, licence: 'not stated' },
      host,
      exchanges,
      order,
    };
  }

  #prepare(request: RecordedRequest): Kept | SkipReason {
    const { method, status } = request;
    if (method === 'CONNECT') return 'a tunnel (CONNECT)';
    if (status === 0) return 'no answer was recorded';
    if (status < 200) return 'an upgrade or an interim answer';
    const split = splitTarget(request.target);
    if (typeof split === 'string') return split;
    const redaction = new Redaction();
    const target = redaction.target(split.target);
    const host = hostOf(split.host ?? request.host ?? fieldOf(request.fields, 'host'));
    if (!TOKEN.test(method) || !PATH.test(target) || status > 599) {
      return 'a method, target or field that HTTP does not allow';
    }
    const fields = keptFields(request.fields, redaction);
    const answerFields = keptFields(request.answerFields, redaction);
    if (target.length > MOST_TARGET_BYTES || isTooLong(fields) || isTooLong(answerFields)) {
      return 'longer than servers take';
    }
    const most = this.#options.mostBodyBytes;
    const answerBytes = hasNoBody(method, status) ? 0 : request.answerBytes;
    const exchange: RecordedExchange = {
      method,
      target,
      fields,
      bodyBytes: Math.min(most, request.bodyBytes),
      answer: { status, fields: answerFields, bodyBytes: Math.min(most, answerBytes) },
    };
    if (this.#options.isDropped(exchange)) return 'the policy drops it';
    return {
      host,
      exchange: this.#shared(exchange),
      redactedFields: redaction.fields,
      redactedQueryValues: redaction.queryValues,
      cutBodies: [request.bodyBytes, answerBytes].filter((bytes) => bytes > most).length,
    };
  }

  #shared(exchange: RecordedExchange): RecordedExchange {
    const key = JSON.stringify(exchange);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, exchange);
    return exchange;
  }
}

/** The fields that go from end to end, in printable ASCII. */
function keptFields(fields: readonly Field[], redaction: Redaction): readonly Field[] {
  return fields.flatMap(([name, value]): Field[] => {
    // HTTP/2 has its request line in fields whose names begin with a colon.
    if (!TOKEN.test(name) || CONNECTION_FIELDS.has(name.toLowerCase())) return [];
    const [kept, content] = redaction.field([name, value]);
    return [[kept, content.replace(/[^\x20-\x7e]/g, '?').trim()]];
  });
}

function total(
  kept: readonly Kept[],
  what: 'redactedFields' | 'redactedQueryValues' | 'cutBodies',
): number {
  return kept.reduce((sum, one) => sum + one[what], 0);
}

/** A target in origin-form, and the host that an absolute one names. */
function splitTarget(
  target: string,
): { readonly target: string; readonly host: string | null } | SkipReason {
  if (target.startsWith('/')) return { target: target.replace(/#.*$/, ''), host: null };
  if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) return 'a target that is no path, such as *';
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(target) ?? [];
  if (authority === undefined) return 'no http or https URL';
  const host = authority.replace(/^.*@/, '');
  return { target: rest.startsWith('/') ? rest : `/${rest}`, host };
}

/** A host that can be sent, without a port that goes without saying. */
function hostOf(host: string | null): string | null {
  const lower = host?.toLowerCase().replace(/:(?:80|443)$/, '') ?? null;
  return lower !== null && HOST.test(lower) ? lower : null;
}

function fieldOf(fields: readonly Field[], lowerName: string): string | null {
  return fields.find(([name]) => name.toLowerCase() === lowerName)?.[1] ?? null;
}

function isTooLong(fields: readonly Field[]): boolean {
  const bytes = fields.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return fields.length > MOST_FIELDS || bytes > MOST_HEAD_BYTES;
}

/** Whatever a log counts as sent, such an answer has none (RFC 9110 6.4.1). */
function hasNoBody(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

function tally(items: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

/** The most that a recording can hold. */
export const MOST_REQUESTS: number = MAX_RECORDED_REQUESTS;
