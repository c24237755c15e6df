/**
 * Traffic of a recorded scenario: its requests in their order, answered as they were answered then.
 * What it lacks, the content of bodies, is invented from the seed. Where one method and target was
 * answered in several ways, each request names its answer in a field of its own, so that the origin
 * gives the recorded one however many connections there are.
 */
import type { RecordedExchange, RecordedScenario } from '../model/scenario.ts';
import {
  type Answer,
  type BodySource,
  bodySource,
  type Exchange,
  encodeRequest,
  makeAnswer,
  type Traffic,
  VARIANT_FIELD,
} from './exchange.ts';

/** Prepares the traffic of a recorded scenario; see `prepareTraffic`. */
export function prepareRecorded(scenario: RecordedScenario, seed: number): Traffic {
  const bodies = bodySource(seed, largestBody(scenario));
  const variants = groupVariants(scenario.exchanges, bodies);
  return {
    exchanges: scenario.exchanges.map((recorded, id): Exchange => {
      const { method, target, host, fields } = recorded;
      const group = variants.get(nameOf(recorded));
      const variant = group?.get(answerKey(recorded));
      if (group === undefined || variant === undefined) throw new Error('an exchange in no group');
      const several = group.size > 1;
      const own = several ? [...fields, [VARIANT_FIELD, String(variant.number)] as const] : fields;
      return {
        id,
        method,
        target,
        client: 'recorded',
        ...encodeRequest(
          method,
          target,
          { ...scenario, ...(host === undefined ? {} : { host }) },
          own,
          variant.requestBody,
        ),
        answer: variant.answer,
        ...(several ? { variant: variant.number } : {}),
      };
    }),
    order: Uint32Array.from(scenario.order),
  };
}

/** One of the answers that a method and target got. */
interface Variant {
  readonly number: number;
  readonly requestBody: Buffer;
  readonly answer: Answer;
}

/** By method and target, then by what makes answers differ. */
function groupVariants(
  exchanges: readonly RecordedExchange[],
  bodies: BodySource,
): ReadonlyMap<string, ReadonlyMap<string, Variant>> {
  const groups = new Map<string, Map<string, Variant>>();
  let body = 0;
  for (const recorded of exchanges) {
    const name = nameOf(recorded);
    const group = groups.get(name) ?? new Map<string, Variant>();
    groups.set(name, group);
    const key = answerKey(recorded);
    if (group.has(key)) continue;
    const { status, fields, bodyBytes } = recorded.answer;
    group.set(key, {
      number: group.size,
      requestBody: bodies(body + 1, recorded.bodyBytes),
      answer: makeAnswer(recorded.method, status, fields, bodies(body, bodyBytes)),
    });
    body += 2;
  }
  return groups;
}

function nameOf({ method, target }: RecordedExchange): string {
  return `${method} ${target}`;
}

/** What has to be the same for the origin to treat two requests alike. */
function answerKey({ bodyBytes, answer }: RecordedExchange): string {
  return JSON.stringify([bodyBytes, answer.status, answer.bodyBytes, answer.fields]);
}

function largestBody({ exchanges }: RecordedScenario): number {
  return exchanges.reduce(
    (most, { bodyBytes, answer }) => Math.max(most, bodyBytes, answer.bodyBytes),
    0,
  );
}
