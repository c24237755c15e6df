import { describe, expect, test } from 'vitest';
import { CONFORMANCE_CASES } from '../../impls/conformance/index.ts';
import { untriable } from './untriable-cases.ts';

const idsFor = (kind: 'module' | 'command' | 'url'): readonly string[] =>
  untriable(kind, CONFORMANCE_CASES).map((skip) => skip.case);

describe('cases that cannot be tried', () => {
  test('on a module there are none', () => {
    expect(idsFor('module')).toEqual([]);
  });

  test('on a command those that reload it', () => {
    const reloading = CONFORMANCE_CASES.filter((one) =>
      one.exchange.client.some((step) => step.do === 'reload'),
    );
    expect(reloading.length).toBeGreaterThan(0);
    expect(idsFor('command')).toEqual(reloading.map(({ id }) => id));
  });

  test('behind a URL those that configure it, point it elsewhere, or end it', () => {
    const skips = new Map(
      untriable('url', CONFORMANCE_CASES).map((skip) => [skip.case, skip.reason]),
    );
    expect(skips.get('slow-head')).toMatch(/configuration/);
    expect(skips.get('upstream-refuses-connections')).toMatch(/upstream/);
    expect(skips.has('get-without-body')).toBe(false);
    const ending = CONFORMANCE_CASES.filter((one) =>
      one.exchange.client.some((step) => step.do === 'terminate'),
    );
    for (const { id } of ending) expect(skips.has(id)).toBe(true);
  });

  test('are never among those that no proxy may skip', () => {
    const required = CONFORMANCE_CASES.filter((one) => one.required).map(({ id }) => id);
    expect(idsFor('url').filter((id) => required.includes(id))).toEqual([]);
  });
});
