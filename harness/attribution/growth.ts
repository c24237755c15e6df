/**
 * What grew between sampled profiles of two sides, function by function. Pure. A profile is a sample,
 * and V8 inlines differently in every process, which moves costs between a function and its callers;
 * so each side is profiled in several processes, and what differs no more than they do is left out.
 */
import type { FrameGrowth, Growth } from '../model/attribution.ts';
import type { SampledFrame } from './sampled-profile.ts';
import type { Placing } from './source-place.ts';

/** One side. */
export interface ProfiledSide {
  readonly processes: readonly ProfiledProcess[];
  readonly place: Placing;
}

/** One process of a side. */
export interface ProfiledProcess {
  /** Answered while it was profiled; more than 0. */
  readonly requests: number;
  readonly frames: readonly SampledFrame[];
}

/** Of all that the reference took; less is not worth a line. */
const NOTICEABLE_SHARE = 0.01;
/** Growth in standard errors. */
const BEYOND_CHANCE = 3;
const MOST_FRAMES = 8;
/** Functions that grew by less than this share of their file do not say where it grew. */
const EXPLAINED_SHARE = 0.5;
const WHOLE_FILE = '(whole file)';

/** The growth from reference to candidate, a request. */
export function growthBetween(reference: ProfiledSide, candidate: ProfiledSide): Growth {
  const shared = urlsOf(reference).intersection(urlsOf(candidate));
  const byFunction = grown(
    gather(reference, functionKey(shared)),
    gather(candidate, functionKey(shared)),
  );
  const byFile = grown(gather(reference, fileKey), gather(candidate, fileKey));
  const unexplained = byFile.flatMap((one): FrameGrowth[] => {
    const named = sum(
      byFunction.filter(({ file }) => file === one.file).map(({ growth }) => growth),
    );
    return named > EXPLAINED_SHARE * one.growth ? [] : [{ ...one, name: WHOLE_FILE, line: null }];
  });
  // A file as a whole takes the place of the little that is known of its functions.
  const named = byFunction.filter(({ file }) => !unexplained.some((one) => one.file === file));
  return {
    reference: total(reference),
    candidate: total(candidate),
    frames: [...named, ...unexplained].sort((a, b) => b.growth - a.growth).slice(0, MOST_FRAMES),
  };
}

/** What a side took, by what is compared. */
interface Gathered {
  /** Of all that the side took. */
  readonly total: number;
  readonly processes: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

interface Entry {
  /** The one of its functions that took most. */
  readonly shown: Pick<FrameGrowth, 'name' | 'file' | 'line'>;
  /** A request, of each process. */
  readonly values: readonly number[];
  /** Of the mean of the values. */
  readonly variance: number;
}

/** What is compared: null for what is not. */
type KeyOf = (frame: SampledFrame, file: string | null) => string | null;

/**
 * A function is identified by its line too where both sides run the same file. Of two versions of a
 * file lines may differ, so functions of one name in it are taken together. A native function is the
 * same whoever calls it: a wrapper around its caller does not make it grow.
 */
function functionKey(sharedUrls: ReadonlySet<string>): KeyOf {
  return ({ name, url, line }, file) =>
    sharedUrls.has(url) ? `${name} ${url} ${line}` : `${name} ${file ?? ''}`;
}

const fileKey: KeyOf = (_, file) => file;

function gather(side: ProfiledSide, keyOf: KeyOf): Gathered {
  const { processes, place } = side;
  const all = processes.flatMap((process) =>
    process.frames.map((frame) => ({ frame, process, file: place(frame.url) })),
  );
  const groups = Map.groupBy(all, ({ frame, file }) => keyOf(frame, file));
  const entries = [...groups].flatMap(([key, same]): [string, Entry][] => {
    const [first] = same.toSorted((a, b) => b.frame.total - a.frame.total);
    if (key === null || first === undefined) return [];
    const values = processes.map((process) =>
      sum(
        same
          .filter((one) => one.process === process)
          .map(({ frame }) => frame.total / process.requests),
      ),
    );
    const sampled =
      sum(same.map(({ frame, process }) => frame.squares / process.requests ** 2)) / values.length;
    const variance = Math.max(sampled, varianceOf(values)) / values.length;
    return [[key, { shown: shownAs(first.frame, place), values, variance }]];
  });
  return { total: total(side), processes: processes.length, entries: new Map(entries) };
}

/** A native function has the place of what calls it. */
function shownAs({ name, url, line, caller }: SampledFrame, place: Placing): Entry['shown'] {
  if (caller !== null) {
    return { name: `${name} in ${caller.name}`, file: place(caller.url), line: caller.line };
  }
  return { name, file: place(url), line: line > 0 ? line : null };
}

/** What grew noticeably, and beyond what the processes of a side differ by. */
function grown(before: Gathered, after: Gathered): readonly FrameGrowth[] {
  const nothing = { values: Array.from({ length: before.processes }, () => 0), variance: 0 };
  return [...after.entries].flatMap(([key, { shown, values, variance }]) => {
    const was = before.entries.get(key) ?? nothing;
    const growth = mean(values) - mean(was.values);
    const chance = BEYOND_CHANCE * Math.sqrt(variance + was.variance);
    const apart = Math.min(...values) > Math.max(...was.values);
    if (!apart || growth < NOTICEABLE_SHARE * before.total || growth <= chance) return [];
    const [reference, candidate] = [mean(was.values), mean(values)];
    return [{ ...shown, reference, candidate, growth }];
  });
}

function urlsOf({ processes }: ProfiledSide): Set<string> {
  return new Set(processes.flatMap(({ frames }) => frames.map(({ url }) => url)));
}

function total({ processes }: ProfiledSide): number {
  return mean(
    processes.map(({ frames, requests }) => sum(frames.map((frame) => frame.total)) / requests),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((so, value) => so + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** The sample variance; 0 of a single value. */
function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
}
