/**
 * Traffic of a mix scenario: targets, asked for by clients, in an order in which each comes as often
 * as its share says. It deliberately keeps no sessions and no daily curve: requests are independent,
 * and a target always answers with the same status.
 */

import type { Random } from '../model/random.ts';
import { createRandom } from '../model/random.ts';
import type { Field, MixScenario } from '../model/scenario.ts';
import type { Answer, Exchange, Traffic } from './exchange.ts';
import { bodySource, encodeRequest, makeAnswer, ORDER_LENGTH } from './exchange.ts';
import { chooseClients } from './mix-clients.ts';
import type { MixTarget } from './mix-targets.ts';
import { prepareTargets } from './mix-targets.ts';
import { shuffleInPlace } from './shuffle.ts';

/** A request without its client's fields. */
interface Draft {
  readonly method: string;
  readonly target: string;
  readonly media: string;
  /** Of all requests. */
  readonly share: number;
  readonly fields: readonly Field[];
  readonly body: Buffer;
  readonly answer: Answer;
}

/** A target is asked for by at most this many clients, and by one for each 4 of 10,000 requests. */
const MAX_CLIENTS = 12;
const SHARE_PER_CLIENT = 4 / 10_000;
/** Numbers for bodies that are no target's, beyond all targets'. */
const OWN_BODIES = 50_000;
const EMPTY = Buffer.alloc(0);

/** Prepares the traffic of a mix scenario; see `prepareTraffic`. */
export function prepareMix(mix: MixScenario, seed: number): Traffic {
  const random = createRandom(seed);
  const bodies = bodySource(seed);
  const targets = prepareTargets(mix, random, bodies);
  const drafts = mix.methods.flatMap(({ method, share, on }, group): Draft[] => {
    if (on.targets === 'popularity')
      return targets.flatMap((item) => getDrafts(method, share, item));
    if (on.targets === 'sample') {
      const sample = shuffleInPlace(
        targets.filter((item) => item.status === 200),
        random,
      );
      return sample
        .slice(0, on.distinct)
        .map((item) => headDraft(method, share / on.distinct, item));
    }
    return on.list.map((own, i) => ({
      method,
      target: own.target,
      media: mix.media[0]?.name ?? '',
      share: share * own.share,
      fields: own.fields,
      body: bodies(ownBody(group, i), own.requestBytes),
      answer: makeAnswer(
        method,
        own.status,
        [
          ...mix.answerFields.slice(0, 2),
          ['Content-Type', own.answerType ?? 'text/html; charset=utf-8'],
        ],
        bodies(ownBody(group, i) + 1, own.answerBytes),
      ),
    }));
  });
  const pages = targets.filter((item) => item.media === 'page' && item.status === 200);
  const clients = chooseClients(
    mix,
    drafts,
    pages.map((item) => item.target),
    random,
  );
  const exchanges = drafts.map((draft, id): Exchange => {
    const { method, target, answer, body } = draft;
    const client = clients[id];
    if (client === undefined) throw new Error('a request without a client');
    const fields = [...client.fields, ...draft.fields];
    const request = encodeRequest(method, target, mix, fields, body);
    return { id, method, target, client: client.name, ...request, answer };
  });
  return {
    exchanges,
    order: drawOrder(
      drafts.map((draft) => draft.share),
      random,
    ),
  };
}

/** The number of a request's body; its answer's is the next. Room for 100 targets a method. */
function ownBody(group: number, index: number): number {
  return OWN_BODIES + 200 * group + 2 * index;
}

function getDrafts(method: string, methodShare: number, item: MixTarget): Draft[] {
  const clients = Math.min(MAX_CLIENTS, Math.max(1, Math.round(item.share / SHARE_PER_CLIENT)));
  const { target, media, requestFields: fields, answer } = item;
  const share = (methodShare * item.share) / clients;
  return Array.from({ length: clients }, () => ({
    ...{ method, target, media, share, fields, answer },
    body: EMPTY,
  }));
}

function headDraft(method: string, share: number, item: MixTarget): Draft {
  const { target, media, requestFields: fields } = item;
  return { method, target, media, share, fields, body: EMPTY, answer: withoutBody(item.answer) };
}

function withoutBody(answer: Answer): Answer {
  return { ...answer, body: EMPTY };
}

/**
 * One draw from each of {@link ORDER_LENGTH} equal slices of the distribution, shuffled: each item
 * comes as often as its share says, to within one, and never in a pattern.
 */
function drawOrder(shares: readonly number[], random: Random): Uint32Array {
  const order = new Uint32Array(ORDER_LENGTH);
  const total = shares.reduce((sum, share) => sum + share, 0);
  let item = 0;
  let upTo = shares[0] ?? 0;
  for (let slice = 0; slice < ORDER_LENGTH; slice++) {
    const at = ((slice + random.float()) / ORDER_LENGTH) * total;
    while (at >= upTo && item < shares.length - 1) upTo += shares[++item] ?? 0;
    order[slice] = item;
  }
  return shuffleInPlace(order, random);
}
