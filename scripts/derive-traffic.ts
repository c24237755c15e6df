/**
 * Derives the figures of the scenario `web-mix` from an access log in the combined format, and prints
 * them as JSON: `node scripts/derive-traffic.ts LOGFILE`. Shares, curves and quantiles only: no line,
 * target, referrer or address of the log gets into the output.
 */
import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { CurvePoint, QuantilePoint } from '../harness/model/scenario.ts';
import { MAX_BODY_BYTES } from '../harness/model/scenario.ts';
import type { TrafficFigures } from '../harness/scenarios/traffic-figures.ts';

/** From this share of the GET requests on a target has figures of its own. */
const POPULAR_SHARE = 0.012;

interface Entry {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string;
  readonly client: string;
  readonly media: string;
  readonly section: string;
}

const LINE =
  /^\S+ \S+ \S+ \[[^\]]*\] "(\S+) (\S+) HTTP\/1\.[01]" (\d{3}) (\d+|-) "([^"]*)" "(.*)"$/;
const SECTIONS = [
  'presentations',
  'blog',
  'images',
  'projects',
  'files',
  'articles',
  'icons',
  'scripts',
  'misc',
];
const SIZE_POINTS = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];
const RANKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Derives the figures from the text of a log. */
export function deriveTraffic(log: string): TrafficFigures {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const all = lines.map(readEntry).filter((entry) => entry !== null);
  const gets = all.filter((entry) => entry.method === 'GET');
  const byTarget = groupBy(gets, (entry) => entry.target);
  const isPopular = (entry: Entry): boolean =>
    (byTarget.get(entry.target)?.length ?? 0) >= POPULAR_SHARE * gets.length;
  const popular = gets.filter(isPopular);
  const others = gets.filter((entry) => !isPopular(entry));
  const withReferer = gets.filter((entry) => entry.referer !== '-');
  // The log does not name its own site: it is the one that most referrers name.
  const ownSite = shares(withReferer, (entry) => siteOf(entry.referer))[0]?.[0];
  return {
    requests: all.length,
    skipped: lines.length - all.length,
    distinctTargets: new Set(all.map((entry) => entry.target)).size,
    methods: shares(all, (entry) => entry.method).map(([method, group, share]) => ({
      method,
      share,
      distinct: new Set(group.map((entry) => entry.target)).size,
    })),
    popularity: curveOf(gets),
    targetLength: quantilesOf(gets.map((entry) => entry.target.length)),
    statuses: shares(gets, (entry) => String(entry.status)).map(([status, group, share]) => ({
      status: Number(status),
      share,
      bytes: quantilesOf(group.map((entry) => entry.bytes)),
    })),
    popular: shares(popular, (entry) => entry.target).map(([, group]) => ({
      section: group[0]?.section ?? '',
      media: group[0]?.media ?? '',
      share: round(group.length / gets.length),
      bytes: medianOf(group.filter((entry) => entry.status === 200).map((entry) => entry.bytes)),
    })),
    sections: shares(others, (entry) => entry.section).map(([name, group]) => ({
      name,
      share: round(group.length / gets.length),
      distinct: new Set(group.map((entry) => entry.target)).size,
      curve: curveOf(group),
      media: shares(group, (entry) => entry.media).map(([media, , share]) => ({ media, share })),
    })),
    media: shares(gets, (entry) => entry.media).map(([media, group]) => ({
      media,
      audience: shares(group, (entry) => familyOf(entry.client)).map(([family, , share]) => ({
        family,
        share,
      })),
      bytes: quantilesOf(
        others
          .filter((entry) => entry.media === media && entry.status === 200)
          .map((entry) => entry.bytes),
      ),
    })),
    clients: shares(gets, (entry) => familyOf(entry.client)).flatMap(([family, members]) =>
      shares(members, (entry) => entry.client).map(([client, group, share]) => ({
        family,
        client,
        share,
        refererShare: round(group.filter((entry) => entry.referer !== '-').length / group.length),
      })),
    ),
    foreignRefererShare: round(
      withReferer.filter((entry) => siteOf(entry.referer) !== ownSite).length / withReferer.length,
    ),
  };
}

function readEntry(line: string): Entry | null {
  const match = LINE.exec(line.trim());
  if (match === null) return null;
  const [, method = '', target = '', status = '', bytes = '', referer = '', agent = ''] = match;
  return {
    method,
    target,
    status: Number(status),
    bytes: bytes === '-' ? 0 : Math.min(Number(bytes), MAX_BODY_BYTES),
    referer,
    client: clientOf(agent),
    media: mediaOf(target),
    section: sectionOf(target),
  };
}

function sectionOf(target: string): string {
  const path = target.split('?')[0] ?? '';
  const [, first = '', ...deeper] = path.split('/');
  if (SECTIONS.includes(first) && deeper.length > 0) return first;
  return first === '' || deeper.length === 0 ? 'root' : 'other';
}

function mediaOf(target: string): string {
  if (/[?&]flav=/.test(target)) return 'feed';
  const file = (target.split('?')[0] ?? '').split('/').at(-1) ?? '';
  const extension = /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  if (['png', 'jpg', 'jpeg', 'gif', 'svg', 'ico'].includes(extension)) return 'image';
  if (['', 'html', 'xhtml', 'php'].includes(extension)) return 'page';
  if (extension === 'css') return 'style';
  if (extension === 'js') return 'script';
  if (['ttf', 'woff', 'otf', 'eot'].includes(extension)) return 'font';
  return ['jar', 'pdf', 'exe', 'gz', 'zip', 'tgz', 'rpm', 'deb'].includes(extension)
    ? 'download'
    : 'text';
}

/** A client by its family and name: `browser/chrome`. */
function clientOf(agent: string): string {
  if (/feed|rss|reader|atom|subscri|liferea|akregator|netvibes|pulse/i.test(agent))
    return 'feed-reader/feed-reader';
  if (/bot|crawl|spider|slurp|archive|ezooms|https?:\/\/|monitor|search|@/i.test(agent))
    return 'crawler/crawler';
  if (/firefox|iceweasel|seamonkey/i.test(agent)) return 'browser/firefox';
  if (/chrome|chromium/i.test(agent)) return 'browser/chrome';
  if (/safari/i.test(agent) && /^mozilla/i.test(agent))
    return /iphone|ipad|android|mobile/i.test(agent) ? 'browser/mobile' : 'browser/safari';
  if (/msie|trident|opera|konqueror/i.test(agent)) return 'browser/other';
  return 'script/script';
}

function familyOf(client: string): string {
  return client.split('/')[0] ?? '';
}

function siteOf(referer: string): string {
  return /^https?:\/\/(?:www\.)?([^/:]+)/i.exec(referer)?.[1]?.toLowerCase() ?? '';
}

function curveOf(entries: readonly Entry[]): CurvePoint[] {
  const counts = [...groupBy(entries, (entry) => entry.target).values()]
    .map((group) => group.length)
    .sort((a, b) => b - a);
  const ranks = [...RANKS.filter((rank) => rank < counts.length), counts.length];
  return ranks.map((rank) => [
    rank,
    round(counts.slice(0, rank).reduce((sum, count) => sum + count, 0) / entries.length),
  ]);
}

function quantilesOf(values: readonly number[]): QuantilePoint[] {
  const sorted = [...values].sort((a, b) => a - b);
  return SIZE_POINTS.map((share) => [
    share,
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0,
  ]);
}

function medianOf(values: readonly number[]): number {
  return quantilesOf(values).find(([share]) => share === 0.5)?.[1] ?? 0;
}

/** Groups with their share of `entries`, largest first, equal ones by name. */
function shares(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
): [key: string, group: Entry[], share: number][] {
  return [...groupBy(entries, keyOf)]
    .sort(([a, groupA], [b, groupB]) => groupB.length - groupA.length || (a < b ? -1 : 1))
    .map(([key, group]) => [key, group, round(group.length / entries.length)]);
}

function groupBy(entries: readonly Entry[], keyOf: (entry: Entry) => string): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const path = argv[2];
  if (path === undefined) {
    console.error('usage: node scripts/derive-traffic.ts LOGFILE');
    process.exitCode = 2;
  } else console.log(JSON.stringify(deriveTraffic(readFileSync(path, 'utf8')), null, 1));
}
