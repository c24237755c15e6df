import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CONFORMANCE_CASES } from '../impls/conformance/index.ts';
import { RFC_SECTIONS } from '../impls/conformance/sections.ts';
import { casesPage } from './cases-page.ts';

test('the page of cases is up to date (npm run reference writes it)', async () => {
  const written = await readFile(new URL('../docs/conformance-cases.md', import.meta.url), 'utf8');
  expect(written).toBe(casesPage(CONFORMANCE_CASES, RFC_SECTIONS));
});

test('there are at least 200 cases of sections of RFC 9110 and RFC 9112', () => {
  const own = CONFORMANCE_CASES.filter(({ section }) => /^RFC 911[02] /.test(section));
  expect(own.length).toBeGreaterThanOrEqual(200);
});

test('a section has cases or says why it has none', () => {
  const named = new Set(CONFORMANCE_CASES.map(({ section }) => section));
  const odd = RFC_SECTIONS.filter(
    ({ name, uncovered }) => named.has(name) !== (uncovered === undefined),
  );
  expect(odd.map(({ name }) => name)).toEqual([]);
});

test('a case of a section that nobody knows is an error', () => {
  expect(() => casesPage(CONFORMANCE_CASES, [])).toThrow('of no section');
});
