import { describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { chooseScenario, listScenarios, references, scenarioHashes } from './scenario-choice.ts';

async function namesOf(text: string): Promise<readonly string[]> {
  const choice = await chooseScenario(text);
  return choice.kind === 'traffic'
    ? [choice.scenario.name]
    : choice.scenarios.map(({ name }) => name);
}

test.each([
  ['web-mix', ['web-mix']],
  ['regex-cache', ['regex-cache']],
  ['memory-pools, regex-cache', ['memory-pools', 'regex-cache']],
  ['regex-cache,regex-cache', ['regex-cache']],
  [
    'components',
    ['regex-cache', 'header-processing', 'memory-pools', 'config-matching', 'body-processing'],
  ],
])('%j is %j', async (text, names) => {
  expect(await namesOf(text)).toEqual(names);
});

describe('what cannot be measured in one run is refused', () => {
  test.each([
    ['regex-cache,web-mix', 'several-scenarios', /regex-cache and web-mix cannot be measured/],
    ['web-mix,fixed-1kb', 'several-scenarios', /cannot be measured in one run/],
    ['regex-cash', 'scenario-unknown', /"regex-cash" Did you mean regex-cache\?/],
    [
      'regex-cache,x',
      'scenario-unknown',
      /unknown scenario "x" "hopmark bench --list" names them all/,
    ],
    ['web-mx', 'scenario-unknown', /"web-mx" Did you mean web-mix\?/],
    ['', 'scenario-unknown', /unknown scenario ""/],
    ['regex-cache,', 'scenario-unknown', /unknown scenario ""/],
  ])('%j', async (text, code, message) => {
    const error: unknown = await chooseScenario(text).catch((reason: unknown) => reason);
    if (!(error instanceof HopmarkError)) throw new Error('it was not refused');
    expect(error).toMatchObject({ side: 'user', code });
    expect(`${error.message} ${error.remedy}`).toMatch(message);
  });
});

test('every case has a name, a title and a hash of its own', async () => {
  const all = references(await chooseScenario('components'));
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(new Set(all.map(({ hash }) => hash)).size).toBe(all.length);
  expect(all[0]).toMatchObject({
    name: 'regex-cache/cached-5',
    title: 'one path against a set of patterns: 5 known patterns',
  });
  expect(Object.keys(scenarioHashes(await chooseScenario('web-mix')))).toEqual(['web-mix']);
});

test('the list names every scenario by kind', () => {
  expect(listScenarios()).toMatch(
    /^Traffic\n {2}web-mix[\s\S]*\nComponents\n {2}regex-cache[\s\S]*16kb/,
  );
});
