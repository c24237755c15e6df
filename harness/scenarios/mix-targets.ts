/**
 * The targets of a mix scenario: their invented names, how popular each is, and how a GET for it is
 * answered. It deliberately does not know who asks.
 */

import type { Random } from '../model/random.ts';
import type { Field, MixScenario, Section, StatusShare } from '../model/scenario.ts';
import { apportion, apportionQuantiles, sum } from './apportion.ts';
import type { Answer, BodySource } from './exchange.ts';
import { makeAnswer } from './exchange.ts';
import { inventPath } from './words.ts';

/** One target. */
export interface MixTarget {
  readonly target: string;
  readonly media: string;
  /** Of the GET requests. */
  readonly share: number;
  readonly status: number;
  readonly bytes: number;
  /** Fields that make a request for it come out as it does: conditions and ranges. */
  readonly requestFields: readonly Field[];
  readonly answer: Answer;
}

/** A target heavier than this always answers 200, so that rare statuses keep their shares. */
const MAX_SPECIAL_SHARE = 0.004;
/** The date that every validator carries. */
const LAST_MODIFIED = 'Sun, 18 Oct 2026 09:30:00 GMT';

/** All targets of `mix`, the popular ones first. */
export function prepareTargets(mix: MixScenario, random: Random, bodies: BodySource): MixTarget[] {
  const taken = new Set(mix.popular.map((popular) => popular.target));
  const tail = mix.sections.flatMap((section) => sectionTargets(section, random, taken));
  const statuses = dealStatuses(tail, mix.statuses, random);
  const sizes = dealSizes(mix, tail, statuses, random);
  const plain = [
    ...mix.popular.map((popular) => ({ ...popular, status: 200 })),
    ...tail.map((item, i) => ({ ...item, status: statuses[i] ?? 200, bytes: sizes[i] ?? 0 })),
  ];
  return plain.map((item, number) => {
    const etag = `"${number.toString(16)}-${item.bytes.toString(16)}"`;
    return {
      ...item,
      requestFields: conditionFields(item.status, item.bytes, etag),
      answer: makeAnswer(
        'GET',
        item.status,
        answerFields(mix, item, etag),
        bodies(number, item.bytes),
      ),
    };
  });
}

interface PlainTarget {
  readonly target: string;
  readonly media: string;
  readonly share: number;
}

function sectionTargets(section: Section, random: Random, taken: Set<string>): PlainTarget[] {
  const weights = curveWeights(section);
  const paths = apportion(
    weights,
    section.paths.map((path) => path.share),
    random,
  );
  return weights.map((weight, i) => {
    const path = section.paths[paths[i] ?? 0];
    if (path === undefined) throw new Error(`section ${section.name} has no paths`);
    const target = inventPath(path.template, random, taken);
    return { target, media: path.media, share: weight * section.share };
  });
}

/** The share of each rank within the section; equal between two points of the curve. */
function curveWeights(section: Section): number[] {
  const weights: number[] = [];
  let before = 0;
  for (const [rank, share] of section.curve) {
    const each = (share - before) / (rank - weights.length);
    while (weights.length < rank) weights.push(each);
    before = share;
  }
  return weights;
}

/** Light targets take the other statuses' whole shares; all others answer 200. */
function dealStatuses(
  tail: readonly PlainTarget[],
  statuses: readonly StatusShare[],
  random: Random,
): number[] {
  const light = [...tail.keys()].filter((i) => (tail[i]?.share ?? 1) <= MAX_SPECIAL_SHARE);
  const weights = light.map((i) => tail[i]?.share ?? 0);
  const special = statuses.filter((entry) => entry.status !== 200);
  const rest = Math.max(0, sum(weights) - sum(special.map((entry) => entry.share)));
  const dealt = apportion(weights, [...special.map((entry) => entry.share), rest], random);
  const result: number[] = new Array(tail.length).fill(200);
  for (const [at, i] of light.entries()) result[i] = special[dealt[at] ?? -1]?.status ?? 200;
  return result;
}

function dealSizes(
  mix: MixScenario,
  tail: readonly PlainTarget[],
  statuses: readonly number[],
  random: Random,
): number[] {
  const result: number[] = new Array(tail.length).fill(0);
  const groups = [
    ...mix.media.map((kind) => ({ status: 200, media: kind.name, points: kind.bytes })),
    ...mix.statuses
      .filter((entry) => entry.status !== 200)
      .map((entry) => ({ status: entry.status, media: null, points: entry.bytes })),
  ];
  for (const { status, media, points } of groups) {
    if (points === null) continue;
    const members = [...tail.keys()].filter(
      (i) => statuses[i] === status && (media === null || tail[i]?.media === media),
    );
    const weights = members.map((i) => tail[i]?.share ?? 0);
    const sizes = apportionQuantiles(weights, points, random);
    for (const [at, i] of members.entries()) result[i] = sizes[at] ?? 0;
  }
  return result;
}

/** What a request carries so that 304, 206 or 416 is the right answer to it (RFC 9110 13 and 14). */
function conditionFields(status: number, bytes: number, etag: string): Field[] {
  if (status === 304)
    return [
      ['If-Modified-Since', LAST_MODIFIED],
      ['If-None-Match', etag],
    ];
  if (status === 206) return [['Range', `bytes=0-${Math.max(0, bytes - 1)}`]];
  return status === 416 ? [['Range', 'bytes=9999999-']] : [];
}

function answerFields(
  mix: MixScenario,
  item: PlainTarget & { readonly status: number; readonly bytes: number },
  etag: string,
): Field[] {
  const kind = mix.media.find((media) => media.name === item.media);
  const fill = ([name, value]: Field): Field => [
    name,
    value === '{etag}' ? etag : value === '{lastModified}' ? LAST_MODIFIED : value,
  ];
  const first = mix.answerFields.slice(0, 2).map(fill);
  const rest = mix.answerFields.slice(2).map(fill);
  const type: Field = ['Content-Type', kind?.contentType ?? 'application/octet-stream'];
  const whole = item.bytes * 4;
  switch (item.status) {
    case 200:
      return [...first, type, ...rest];
    case 206:
      return [...first, type, ...rest, ['Content-Range', `bytes 0-${item.bytes - 1}/${whole}`]];
    case 304:
      return [...first, ...rest];
    case 301:
      return [...first, ['Content-Type', 'text/html'], ['Location', moved(mix.host, item.target)]];
    case 416:
      return [...first, ['Content-Type', 'text/html'], ['Content-Range', 'bytes */4096']];
    default:
      return [...first, ['Content-Type', 'text/html; charset=utf-8']];
  }
}

function moved(host: string, target: string): string {
  const [path, query] = target.split('?');
  return `http://${host}${path}/${query === undefined ? '' : `?${query}`}`;
}
