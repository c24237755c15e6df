/**
 * Ends one exchange with an answer: the proxy's own or the upstream's, written and waited for.
 * Which answer it is has been decided before (`exchange.ts`).
 */
import type { LogRecord } from '../policy/log-record.ts';
import type { DropRule } from '../policy/policy.ts';
import { type Answer, type Refusal, refusalAnswer, writeAnswer } from './answers.ts';
import {
  type Ending,
  type Exchange,
  type ExchangeHost,
  ending,
  nothingSent,
} from './exchange-state.ts';
import { type Field, listMembers } from './fields.ts';
import type { ForwardResult } from './forward.ts';
import { fieldsToClient, trailersToPass } from './forwarded-fields.ts';
import type { Selection } from './rules.ts';

/** What came of a request that was sent to the upstream at `sentMs`, a monotonic time. */
export interface TimedResult {
  readonly result: ForwardResult;
  readonly sentMs: number;
}

/** The upstream's answer, or what stands for one that failed. */
export async function answerForwarded(
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

/** The answer of a drop rule, or the default one. */
export async function answerDropped(
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

/**
 * Answers what no hop is left for (RFC 9110 7.6.2). A TRACE is refused: it would be answered with what
 * its client, or a script at its client's, may not see of it.
 */
export function answerAsLast(host: ExchangeHost, exchange: Exchange): Promise<Ending> | Ending {
  if (exchange.head.method === 'TRACE') {
    const message = 'TRACE is not answered here';
    return refuse(exchange, { statusCode: 405, kind: 'trace-refused', message });
  }
  const fields: Field[] = [['Content-Length', '0']];
  return answerWith(host, exchange, 'answered', { statusCode: 200, fields, body: null });
}

/** Refuses a request whose head was in order; the connection closes. */
export function refuse({ incoming, head }: Exchange, refusal: Refusal): Ending {
  const answer = refusalAnswer(refusal, head.method);
  incoming.connection.refuse(refusal, head.method);
  return ending('refused', answer, answer.body?.length ?? 0, null);
}

/** The client has gone before it got an answer. */
export function clientGone(host: ExchangeHost): Ending {
  host.counters.countError('client-aborted');
  return nothingSent;
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
  // A response closes with its socket, too.
  const over = new Promise<void>((resolve) => {
    if (tunnelBytes !== null) response.once('finish', resolve);
    response.once('close', resolve);
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
