import { describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import type { TargetResult } from '../model/report.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { type RunPart, runSuite, type SuiteOptions, suiteParts } from './bench-suite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Shell } from './shell.ts';

const TARGET: TargetResult = {
  ...{ name: 'total-overhead', scenario: 'web-mix', metric: 'overhead-p50', unit: 'us' },
  ...{ limit: 1000, observed: 60, interval: [50, 70], verdict: 'met' },
};

/** A shell that keeps what is printed, and the code that is set. */
function shellOf(signal = new AbortController().signal): {
  shell: Shell;
  out: () => string;
  err: () => string;
  code: () => ExitCode | undefined;
} {
  const printed = { out: '', err: '' };
  let code: ExitCode | undefined;
  const shell: Shell = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    signal,
    stop: () => {},
    endsBySignal: () => {},
    canDraw: false,
    argv: [],
    exit: (given) => {
      code = given;
    },
  };
  return { shell, out: () => printed.out, err: () => printed.err, code: () => code };
}

const PLAIN: SuiteOptions = { color: false };
const held: RunPart = async (shell, { scenario }) => {
  shell.out(`figures of ${scenario}\n`);
  shell.exit(EXIT.held);
  return scenario === 'web-mix' ? [TARGET] : [];
};
const broken = new HopmarkError('sut', 'unanswered', 'no answer to GET /rooms');

test('a suite has all scenarios, and as much time as it was given', () => {
  const parts = suiteParts(600_000);
  const names = parts.map(({ scenario }) => scenario);
  expect(names).toEqual(
    expect.arrayContaining(['components', ...SCENARIO_NAMES, 'concurrency-1000']),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(parts.reduce((sum, { budgetMs }) => sum + budgetMs, 0)).toBeCloseTo(600_000, -2);
});

describe('a suite', () => {
  test('prints each part, then all targets, and says how far it is and how long it takes', async () => {
    const { shell, out, err, code } = shellOf();
    await runSuite(shell, { ...PLAIN, budget: 600_000 }, held);
    expect(out()).toMatch(/figures of components[\s\S]*figures of concurrency-1000/);
    expect(out()).toMatch(/total-overhead +web-mix[\s\S]*1 of 1 target met/);
    expect(err()).toMatch(/^\[1\/21\] components, about 10 min left\n\[2\/21\] web-mix/);
    expect(code()).toBe(EXIT.held);
  });

  test('goes on after a part that fails, names it, and exits as the worst of them', async () => {
    const { shell, out, code } = shellOf();
    await runSuite(shell, PLAIN, async (own, part) => {
      if (part.scenario === 'websocket-echo') throw broken;
      await held(own, part);
      own.exit(part.scenario === 'upload' ? EXIT.inconclusive : EXIT.held);
      return [];
    });
    expect(out()).toContain('hopmark: no answer to GET /rooms');
    expect(out()).toContain('21 scenarios measured; broken: websocket-echo.');
    expect(code()).toBe(EXIT.broken);
  });

  test('is one document where that is wanted, errors included', async () => {
    const { shell, out } = shellOf();
    await runSuite(shell, { ...PLAIN, json: true, quiet: true }, async (own, { scenario }) => {
      if (scenario === 'websocket-echo') throw broken;
      own.out('{"verdict": "improved"}\n');
      return [];
    });
    const { parts } = JSON.parse(out());
    expect(parts).toHaveLength(21);
    expect(parts[0]).toMatchObject({ scenario: 'components', document: { verdict: 'improved' } });
    expect(parts).toContainEqual({
      ...{ scenario: 'websocket-echo', exitCode: EXIT.broken, targets: [] },
      error: 'hopmark: no answer to GET /rooms',
    });
  });

  test('ends at once for what is wrong with the command', async () => {
    const { shell } = shellOf();
    const wrong = new HopmarkError('user', 'implementation-unknown', 'no such name');
    await expect(runSuite(shell, PLAIN, async () => Promise.reject(wrong))).rejects.toBe(wrong);
  });

  test('ends after the part in which it is interrupted, and shows what there is', async () => {
    const abort = new AbortController();
    const { shell, out } = shellOf(abort.signal);
    await runSuite(shell, PLAIN, async (own, part) => {
      if (part.scenario === 'fixed-1kb') abort.abort();
      return held(own, part);
    });
    expect(out()).toContain('3 scenarios of 21 measured.');
  });
});
