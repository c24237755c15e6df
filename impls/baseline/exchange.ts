/**
 * One request from its head to its log line, a stage a function: check, collect, drop, choose the
 * logging rule, forward, answer, log. It does not know how a connection reads or ends
 * (`client-connection.ts`), nor how the upstream is reached (`forward.ts`, `upgrade.ts`).
 */
import type { Clock } from '../contract.ts';
import type { LogRecord } from '../policy/log-record.ts';
import type { DropRule, LoggingRule } from '../policy/policy.ts';
import { DEFAULT_CAPTURE, logLine } from './access-log.ts';
import { type Answer, type Refusal, refusalAnswer, writeAnswer } from './answers.ts';
import type { Incoming } from './client-connection.ts';
import { collectBody } from './collect-body.ts';
import type { Configuration, Snapshot } from './configuration.ts';
import type { Counters } from './counters.ts';
import { byName, type Field, listMembers } from './fields.ts';
import { type ForwardResult, forward } from './forward.ts';
import { fieldsToClient, fieldsToUpstream, type Peer, trailersToPass } from './forwarded-fields.ts';
import type { LogQueue } from './log-queue.ts';
import { checkHead, type RequestHead } from './request-checks.ts';
import {
  type RequestSubject,
  type Selection,
  selectForRequest,
  selectForResponse,
  windowText,
} from './rules.ts';
import { openTunnel, type TunnelOpener } from './upgrade.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** What every exchange of a handler shares. */
export interface ExchangeHost {
  readonly configuration: Configuration;
  readonly counters: Counters;
  readonly pool: UpstreamPool;
  readonly tunnels: TunnelOpener;
  readonly log: LogQueue;
  readonly clock: Clock;
}

/** A request that is being served. */
interface Exchange {
  readonly incoming: Incoming;
  readonly head: RequestHead;
  readonly peer: Peer;
  readonly snapshot: Snapshot;
  readonly body: Buffer;
  readonly logging: Selection<LoggingRule>;
}

/** How it ended, for the log. */
interface Ending {
  readonly outcome: LogRecord['outcome'];
  readonly status: number | null;
  readonly fields: readonly Field[];
  readonly body: Buffer;
  /** Body bytes that the client got. */
  readonly sentBytes: number;
  readonly upstreamMs: number | null;
}

/** Serves a request to its end. Never rejects for what either side does. */
export async function serveExchange(host: ExchangeHost, incoming: Incoming): Promise<void> {
  host.counters.requests += 1;
  const { connection, request } = incoming;
  const head = checkHead(request, host.configuration.policy.limits);
  if ('statusCode' in head) {
    connection.refuse(head, request.method);
    return;
  }
  const snapshot = await host.configuration.snapshot();
  const { limits } = snapshot.policy;
  const peer = peerOf(incoming);
  const collected = await collect(host, incoming, head, snapshot);
  const body = collected.state === 'whole' ? collected.body : Buffer.alloc(0);
  const subject = toSubject(head, body, limits.bodyMatchBytes);

  const drop = await dropRule(host, snapshot, subject, collected.state === 'whole');
  const loggingRules = await host.configuration.read(snapshot, (policy) => policy.logging);
  const logging = selectForRequest(loggingRules, subject);
  const exchange: Exchange = { incoming, head, peer, snapshot, body, logging };

  const end = await finish(host, exchange, drop, collected);
  await log(host, exchange, end);
}

async function finish(
  host: ExchangeHost,
  exchange: Exchange,
  drop: Selection<DropRule>,
  collected: Collected,
): Promise<Ending> {
  if (collected.state === 'gone') return clientGone(host);
  if (collected.state === 'refused') return refuse(exchange, collected.refusal);
  if (drop.kind !== 'none') return answerDropped(host, exchange, drop);
  if (exchange.incoming.tunnelBytes !== null) return tunnel(host, exchange);
  const result = await forwardExchange(host, exchange, collected.trailers);
  return answerForwarded(host, exchange, result);
}

type Collected = Awaited<ReturnType<typeof collectBody>>;

/** The body, whole, after the 100 that its client may wait for. */
async function collect(
  host: ExchangeHost,
  { request, response, broken, tunnelBytes }: Incoming,
  head: RequestHead,
  snapshot: Snapshot,
): Promise<Collected> {
  if (head.refusal !== null) return { state: 'refused', refusal: head.refusal };
  if (tunnelBytes !== null) return { state: 'whole', body: Buffer.alloc(0), trailers: [] };
  if (head.expectsContinue && head.framing !== 'none') {
    response.writeContinue();
    host.counters.countResponse(100);
  }
  return collectBody(request, snapshot.policy.limits, broken);
}

async function dropRule(
  host: ExchangeHost,
  snapshot: Snapshot,
  subject: RequestSubject,
  isWhole: boolean,
): Promise<Selection<DropRule>> {
  const rules = await host.configuration.read(snapshot, (policy) => policy.drop);
  return isWhole ? selectForRequest(rules, subject) : { kind: 'none' };
}

function refuse({ incoming, head }: Exchange, refusal: Refusal): Ending {
  const answer = refusalAnswer(refusal, head.method);
  incoming.connection.refuse(refusal, head.method);
  return ending('refused', answer, answer.body?.length ?? 0, null);
}

async function answerDropped(
  host: ExchangeHost,
  exchange: Exchange,
  drop: Selection<DropRule>,
): Promise<Ending> {
  const { statusCode, body, headers } =
    drop.kind === 'rule' ? drop.rule.response : { statusCode: 403, body: '', headers: {} };
  const bytes = Buffer.from(body, 'utf8');
  const hasBody = statusCode !== 204 && statusCode !== 304;
  const fields: Field[] = Object.entries(headers);
  if (hasBody) fields.push(['Content-Length', String(bytes.length)]);
  host.counters.dropped += 1;
  return answerWith(host, exchange, 'dropped', {
    statusCode,
    fields,
    body: hasBody && exchange.head.method !== 'HEAD' ? bytes : null,
  });
}

async function forwardExchange(
  host: ExchangeHost,
  { incoming, head, peer, snapshot, body, logging }: Exchange,
  _trailers: readonly Field[],
): Promise<TimedResult> {
  const { response } = incoming;
  const { limits } = snapshot.policy;
  const sentMs = host.clock.monotonicMs();
  const result = await forward(
    host.pool,
    {
      method: head.method,
      target: head.originTarget,
      fields: fieldsToUpstream(head, peer, snapshot),
      body,
      chunked: head.framing === 'chunked',
      firstByteTimeoutMs: timeoutOf(logging) ?? limits.firstByteTimeoutMs,
      signal: incoming.signal,
      onInterim: (statusCode, fields) => {
        // Node before 26.2 cannot send it on.
        if (head.version === '1.0' || typeof response.writeInformation !== 'function') return;
        response.writeInformation(statusCode, fieldsToClient(statusCode, fields).flat());
        host.counters.countResponse(statusCode);
      },
    },
    host.clock.monotonicMs,
  );
  return { result, sentMs };
}

interface TimedResult {
  readonly result: ForwardResult;
  readonly sentMs: number;
}

async function answerForwarded(
  host: ExchangeHost,
  exchange: Exchange,
  { result, sentMs }: TimedResult,
): Promise<Ending> {
  const { incoming, head } = exchange;
  switch (result.state) {
    case 'aborted':
      return clientGone(host);
    case 'failed':
      return answerFailed(host, exchange, result);
    case 'broken':
      host.counters.countError(result.kind);
      incoming.connection.socket.destroy();
      return { ...nothingSent, outcome: 'aborted', upstreamMs: result.firstByteMs - sentMs };
    case 'answered': {
      const fields = fieldsToClient(result.statusCode, result.fields);
      const bodiless =
        head.method === 'HEAD' || result.statusCode === 204 || result.statusCode === 304;
      const hasLength = fields.some(([name]) => name.toLowerCase() === 'content-length');
      const chunked = !bodiless && !hasLength && head.version === '1.1';
      if (chunked) fields.push(['Transfer-Encoding', 'chunked']);
      const answer: Answer = {
        statusCode: result.statusCode,
        reason: result.reason,
        fields,
        body: bodiless ? null : result.body,
        trailers: chunked ? trailersToPass(result.trailers) : [],
      };
      const sent = await answerWith(host, exchange, 'forwarded', answer);
      const upstreamMs = result.firstByteMs - sentMs;
      return { ...sent, fields: result.fields, body: result.body, upstreamMs };
    }
  }
}

function answerFailed(
  host: ExchangeHost,
  exchange: Exchange,
  failure: { readonly statusCode: 502 | 504; readonly kind: string },
): Promise<Ending> {
  host.counters.countError(failure.kind);
  const message =
    failure.statusCode === 504
      ? 'the upstream did not answer in time'
      : 'the upstream could not be reached or its answer could not be read';
  const answer = refusalAnswer({ ...failure, message }, exchange.head.method);
  return answerWith(host, exchange, 'failed', answer);
}

async function tunnel(host: ExchangeHost, exchange: Exchange): Promise<Ending> {
  const { incoming, head, peer, snapshot, logging } = exchange;
  const sentMs = host.clock.monotonicMs();
  const opened = await openTunnel(host.tunnels, incoming, {
    method: head.method,
    target: head.originTarget,
    fields: [
      ...fieldsToUpstream(head, peer, snapshot),
      ['Connection', 'Upgrade'],
      ['Upgrade', (head.valuesByName.get('upgrade') ?? []).join(', ')],
    ],
    host: head.host,
    firstByteTimeoutMs: timeoutOf(logging) ?? snapshot.policy.limits.firstByteTimeoutMs,
    nowMs: host.clock.monotonicMs,
  });
  if (opened.state !== 'tunnelled') {
    return answerForwarded(host, exchange, { result: opened, sentMs });
  }
  host.counters.countResponse(101);
  await opened.over;
  const upstreamMs = opened.firstByteMs - sentMs;
  return { ...nothingSent, outcome: 'forwarded', status: 101, fields: opened.fields, upstreamMs };
}

/** Writes an answer and waits until it is with the system, or the client has gone. */
async function answerWith(
  host: ExchangeHost,
  { incoming, head }: Exchange,
  outcome: LogRecord['outcome'],
  answer: Answer,
): Promise<Ending> {
  const { connection, response, tunnelBytes } = incoming;
  if (connection.socket.destroyed) return clientGone(host);
  const clientCloses = listMembers(head.valuesByName.get('connection')).includes('close');
  const close = connection.closesAfterAnswer || clientCloses || head.version === '1.0';
  const over = new Promise<void>((resolve) => {
    if (tunnelBytes !== null) response.once('finish', resolve);
    response.once('close', resolve);
    connection.socket.once('close', resolve);
  });
  writeAnswer(response, answer, close);
  host.counters.countResponse(answer.statusCode);
  await over;
  if (tunnelBytes !== null) {
    response.detachSocket(connection.socket);
    if (close) connection.endWith(null);
    else connection.readOn(tunnelBytes);
  }
  if (response.writableFinished) return ending(outcome, answer, answer.body?.length ?? 0, null);
  host.counters.countError('client-aborted');
  return ending('aborted', answer, 0, null);
}

function clientGone(host: ExchangeHost): Ending {
  host.counters.countError('client-aborted');
  return nothingSent;
}

const nothingSent: Ending = {
  outcome: 'aborted',
  status: null,
  fields: [],
  body: Buffer.alloc(0),
  sentBytes: 0,
  upstreamMs: null,
};

function ending(
  outcome: LogRecord['outcome'],
  answer: Answer,
  sentBytes: number,
  upstreamMs: number | null,
): Ending {
  return {
    outcome,
    status: answer.statusCode,
    fields: answer.fields,
    body: answer.body ?? Buffer.alloc(0),
    sentBytes,
    upstreamMs,
  };
}

/** Queues the exchange's line if a rule wants one. */
async function log(host: ExchangeHost, exchange: Exchange, end: Ending): Promise<void> {
  const { incoming, head, peer, snapshot, body, logging } = exchange;
  const { limits } = snapshot.policy;
  const responseRules = await host.configuration.read(snapshot, (policy) => policy.responseLogging);
  const answered = end.status !== null && (end.outcome === 'forwarded' || end.outcome === 'failed');
  const responding = answered
    ? selectForResponse(responseRules, {
        statusCode: end.status,
        valuesByName: byName(end.fields),
        bodyText: windowText(end.body, limits.bodyMatchBytes),
      })
    : ({ kind: 'none' } as const);
  if (logging.kind === 'none' && responding.kind === 'none') return;
  const redact = await host.configuration.read(snapshot, (policy) => policy.redact);
  const line = logLine(
    {
      timeMs: incoming.headAtMs,
      client: peer.address,
      method: head.method,
      target: head.target,
      status: end.status,
      outcome: end.outcome,
      requestFields: head.fields,
      requestBody: body,
      responseFields: end.fields,
      responseBody: end.body,
      responseBytes: end.sentBytes,
      durationMs: host.clock.monotonicMs() - incoming.startedMs,
      upstreamMs: end.upstreamMs,
    },
    {
      rule: logging.kind === 'rule' ? logging.rule.name : null,
      responseRule: responding.kind === 'rule' ? responding.rule.name : null,
      request: captureOf(logging),
      response: captureOf(responding),
    },
    redact,
    limits,
  );
  host.log.push(line);
}

function captureOf<Captured>(
  selection: Selection<{ readonly capture: Captured }>,
): Captured | typeof DEFAULT_CAPTURE | null {
  if (selection.kind === 'rule') return selection.rule.capture;
  return selection.kind === 'default' ? DEFAULT_CAPTURE : null;
}

function timeoutOf(logging: Selection<LoggingRule>): number | undefined {
  return logging.kind === 'rule' ? logging.rule.timeoutMs : undefined;
}

function toSubject(head: RequestHead, body: Buffer, windowBytes: number): RequestSubject {
  const { method, target, valuesByName } = head;
  return { method, target, valuesByName, bodyText: windowText(body, windowBytes) };
}

function peerOf({ connection }: Incoming): Peer {
  const address = connection.socket.remoteAddress ?? '';
  return {
    // A dual-stack listener writes IPv4 peers as IPv6.
    address: address.replace(/^::ffff:(?=\d+\.)/, ''),
    protocol: 'encrypted' in connection.socket ? 'https' : 'http',
  };
}
