/**
 * One request from its head to its log line, a stage a function: check, collect, drop, choose the
 * logging rule, forward, answer, log. It does not know how a connection reads or ends
 * (`client-connection.ts`), how an answer is written (`answering.ts`), nor how the upstream is
 * reached (`forward.ts`, `upgrade.ts`).
 */
import type { DropRule, LoggingRule } from '../policy/policy.ts';
import {
  answerAsLast,
  answerDropped,
  answerForwarded,
  clientGone,
  refuse,
  type TimedResult,
} from './answering.ts';
import type { Incoming } from './client-connection.ts';
import { collectBody } from './collect-body.ts';
import type { Snapshot } from './configuration.ts';
import { logExchange } from './exchange-log.ts';
import { type Ending, type Exchange, type ExchangeHost, nothingSent } from './exchange-state.ts';
import { forward } from './forward.ts';
import { fieldsToClient, fieldsToUpstream, type Peer } from './forwarded-fields.ts';
import { checkHead, type RequestHead } from './request-checks.ts';
import { type RequestSubject, type Selection, selectForRequest, windowText } from './rules.ts';
import { openTunnel } from './upgrade.ts';

/** Serves a request to its end. */
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
  await logExchange(host, exchange, end);
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
  if (exchange.head.maxForwards === 0) return answerAsLast(host, exchange);
  if (exchange.incoming.tunnelBytes !== null) return tunnel(host, exchange);
  const result = await forwardExchange(host, exchange);
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

async function forwardExchange(
  host: ExchangeHost,
  { incoming, head, peer, snapshot, body, logging }: Exchange,
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
