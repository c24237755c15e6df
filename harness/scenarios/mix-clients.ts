/**
 * Who asks for the targets of a mix scenario: which header set each request carries, and which
 * Referer. It deliberately keeps the fields of one set in one order, as real clients do.
 */

import type { Random } from '../model/random.ts';
import type { Field, HeaderSet, MediaKind, MixScenario } from '../model/scenario.ts';
import { apportion } from './apportion.ts';

/** A request whose client is yet to be chosen. */
export interface Asked {
  /** Of all requests. */
  readonly share: number;
  readonly media: string;
}

/** A client's name, and the fields it sends. */
export interface Client {
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A client for each request. `pages` are targets that may be named in a Referer. */
export function chooseClients(
  mix: MixScenario,
  asked: readonly Asked[],
  pages: readonly string[],
  random: Random,
): Client[] {
  const sets = chooseSets(mix, asked, random);
  const referers = chooseReferers(mix, asked, sets, pages, random);
  return asked.map((request, i) => {
    const set = sets[i];
    const kind = mix.media.find((media) => media.name === request.media);
    if (set === undefined || kind === undefined) throw new Error('a request without a client');
    return { name: set.name, fields: fillFields(set, kind, referers[i] ?? null) };
  });
}

/** First a family by the kind of content, then a set within the family. */
function chooseSets(mix: MixScenario, asked: readonly Asked[], random: Random): HeaderSet[] {
  const family: string[] = new Array(asked.length).fill('');
  for (const kind of mix.media) {
    const members = indicesOf(asked, (request) => request.media === kind.name);
    const dealt = deal(
      asked,
      members,
      kind.audience.map((part) => part.share),
      random,
    );
    for (const [at, i] of members.entries())
      family[i] = kind.audience[dealt[at] ?? 0]?.family ?? '';
  }
  const result: HeaderSet[] = new Array(asked.length);
  for (const [name, sets] of Map.groupBy(mix.headerSets, (set) => set.family)) {
    const members = indicesOf(family, (other) => other === name);
    const dealt = deal(
      asked,
      members,
      sets.map((set) => set.share),
      random,
    );
    for (const [at, i] of members.entries()) {
      const set = sets[dealt[at] ?? 0];
      if (set !== undefined) result[i] = set;
    }
  }
  return result;
}

function chooseReferers(
  mix: MixScenario,
  asked: readonly Asked[],
  sets: readonly HeaderSet[],
  pages: readonly string[],
  random: Random,
): (string | null)[] {
  const { foreign, foreignShare } = mix.referers;
  const result: (string | null)[] = new Array(asked.length).fill(null);
  for (const set of mix.headerSets) {
    const members = indicesOf(sets, (other) => other === set);
    const own = set.refererShare * (1 - foreignShare);
    const other = set.refererShare * foreignShare;
    const dealt = deal(asked, members, [1 - set.refererShare, own, other], random);
    for (const [at, i] of members.entries()) {
      if (dealt[at] === 1)
        result[i] = `http://${mix.host}${pages[random.below(pages.length)] ?? '/'}`;
      else if (dealt[at] === 2) result[i] = foreign[random.below(foreign.length)] ?? null;
    }
  }
  return result;
}

function fillFields(set: HeaderSet, kind: MediaKind, referer: string | null): Field[] {
  const fields: Field[] = [];
  for (const [name, value] of set.fields) {
    if (value === '{referer}') {
      if (referer !== null) fields.push([name, referer]);
    } else if (value === '{accept}') fields.push([name, kind.accept]);
    else if (value === '{dest}') fields.push([name, kind.dest]);
    else if (value === '{mode}') fields.push([name, kind.mode]);
    else fields.push([name, value]);
  }
  return fields;
}

function deal(
  asked: readonly Asked[],
  members: readonly number[],
  shares: readonly number[],
  random: Random,
): number[] {
  return apportion(
    members.map((i) => asked[i]?.share ?? 0),
    shares,
    random,
  );
}

function indicesOf<Item>(items: readonly Item[], test: (item: Item) => boolean): number[] {
  const indices: number[] = [];
  for (const [i, item] of items.entries()) if (test(item)) indices.push(i);
  return indices;
}
