/**
 * Decides whether an exchange that is over is logged, and queues its line.
 */
import { DEFAULT_CAPTURE, logLine } from './access-log.ts';
import type { Ending, Exchange, ExchangeHost } from './exchange-state.ts';
import { byName } from './fields.ts';
import { type Selection, selectForResponse, windowText } from './rules.ts';

/** Queues the exchange's line if a rule wants one. */
export async function logExchange(
  host: ExchangeHost,
  exchange: Exchange,
  end: Ending,
): Promise<void> {
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
