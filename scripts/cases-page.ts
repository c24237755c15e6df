/** The page that shows which section of which RFC has which conformance cases. Pure. */
import type { ConformanceCase } from '../impls/conformance/index.ts';
import type { RfcSection } from '../impls/conformance/sections.ts';

/** Throws if a case names a section of an RFC that is not in the list. */
export function casesPage(
  cases: readonly ConformanceCase[],
  sections: readonly RfcSection[],
): string {
  const known = new Set(sections.map(({ name }) => name));
  const strangers = cases.filter(
    ({ section }) => section.startsWith('RFC ') && !known.has(section),
  );
  if (strangers.length > 0) {
    throw new Error(`of no section: ${strangers.map(({ id, section }) => `${id} ${section}`)}`);
  }
  const bySection = Map.groupBy(cases, ({ section }) => section);
  const ofRfcs = cases.filter(({ section }) => known.has(section)).length;
  const covered = sections.filter(({ name }) => bySection.has(name));
  const headings = [...bySection.keys()].filter((name) => !known.has(name)).sort();
  return [
    '# The conformance cases, by section',
    '',
    `${cases.length} cases, ${ofRfcs} of them of ${covered.length} sections of RFC 9110 (semantics), RFC 9112 (HTTP/1.1)`,
    'and RFC 7239 (Forwarded); the others hold a proxy to what [proxy-behaviour.md](proxy-behaviour.md) says',
    'beyond those. `hopmark conform optimized --case ID` runs one. Written by `npm run reference`.',
    '',
    ...covered.flatMap(({ name, title }) => list(`${name}, ${title}`, bySection.get(name) ?? [])),
    ...headings.flatMap((name) => list(`Behaviour: ${name}`, bySection.get(name) ?? [])),
    '## Sections without a case',
    '',
    '| section | why |',
    '| --- | --- |',
    ...sections
      .filter(({ name }) => !bySection.has(name))
      .map(({ name, title, uncovered }) => `| ${name}, ${title} | ${uncovered ?? ''} |`),
    '',
  ].join('\n');
}

function list(heading: string, cases: readonly ConformanceCase[]): readonly string[] {
  return [
    `## ${heading}`,
    '',
    ...cases.map(({ id, tier, title }) => `- \`${id}\` (${tier}): ${title}`),
    '',
  ];
}
