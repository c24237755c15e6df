import { describe, expect, test } from 'vitest';
import { armFigures } from '../verdict/fixtures.ts';
import { type FixtureOptions, reportFixture } from './fixtures/report.ts';
import { renderTerminal } from './terminal.ts';

const render = (options: FixtureOptions = {}, color = false): string =>
  renderTerminal(reportFixture(options), { color, width: 80, folder: 'reports/run-1' });

const REGRESSED: FixtureOptions = {
  synthetic: { ratios: { candidate: { 'hop-p50': 1.12 } } },
};

describe('the terminal report', () => {
  test('shows what ran, the table, what was judged, and the verdict last', () => {
    expect(render()).toMatchInlineSnapshot(`
      "optimized against baseline  10 rounds in 1 min 52 s, seed 7

        direct     no proxy: hop-p50 21.3 µs, loaded-request-time 19.8 µs
        reference  baseline 0.1.0; policy tier: 38 passed, 1 skipped (fast subset)
        candidate  optimized 0.1.0; policy tier: 39 passed (fast subset)
        policy     examples/policy.yaml, 20 rules, the same for every proxy
        scenario   default-mix: requests as a real access log has them
        machine    2 CPUs AMD EPYC 7B13, Linux 6.1, Node 26.10.0, stolen time 4.2 %
        noise      not calibrated: the twin of this run gives the noise floors

        metric                      baseline optimized  ratio (95 % interval)    twin
      ✓ hop-p50               µs        93.4      52.6 0.562x (0.558 to 0.566) 0.998x
        hop-p90               µs         121      66.4 0.548x (0.544 to 0.551)  1.00x
        hop-p99               µs         310       220 0.708x (0.703 to 0.712)  1.00x
        hop-cold-p50          µs         189       117 0.619x (0.616 to 0.621)  1.00x
        overhead-p50          µs        72.1      31.0 0.430x (0.427 to 0.432)  1.00x
        overhead-p99          µs         264       174 0.658x (0.655 to 0.663)  1.00x
        loaded-request-time   µs        96.4      30.2 0.313x (0.311 to 0.315) 0.999x
        throughput            req/s   10,400    33,400  3.21x (3.17 to 3.25)   0.997x
      ✓ cpu-per-request       µs        88.3      25.5 0.287x (0.285 to 0.288)  1.01x
      ✓ allocated-per-request kB        34.8      2.13 0.061x (0.061 to 0.062) 0.996x
        gc-time-per-request   µs        2.32     0.208 0.090x (0.089 to 0.091)  1.00x
        memory-rss            MB        92.3      86.0 0.928x (0.923 to 0.935)  1.00x
        cache-hit-rate        %      n/a [1]      99.4    n/a                     n/a

        [1] it has no cache

        judged                 verdict     counts from   noise  detectable
        hop-p50                ✓ improved          5 %  0.26 %       5.3 %
        cpu-per-request        ✓ improved          5 %  0.78 %       5.2 %
        allocated-per-request  ✓ improved          6 %  0.78 %       6.3 %
        counts from: threshold or noise; detectable: would be called in 4 of 5 runs

        20 of 2420 cycles left out for disturbances that hit all arms alike

        Report  reports/run-1

      ✓ Improved, optimized against baseline: hop-p50 0.562x, cpu-per-request 0.287x
        and allocated-per-request 0.061x.
      "
    `);
  });

  test('shows a run of which nothing is certain', () => {
    expect(
      render({
        synthetic: { count: 3 },
        judge: {
          complete: false,
          warnings: [
            {
              code: 'no-affinity',
              message:
                'Processes are not pinned: this machine has no taskset, so its figures vary more than they need to.',
            },
          ],
        },
      }),
    ).toMatchInlineSnapshot(`
      "optimized against baseline  3 rounds in 1 min 52 s, seed 7

        direct     no proxy: hop-p50 21.3 µs, loaded-request-time 19.8 µs
        reference  baseline 0.1.0; policy tier: 38 passed, 1 skipped (fast subset)
        candidate  optimized 0.1.0; policy tier: 39 passed (fast subset)
        policy     examples/policy.yaml, 20 rules, the same for every proxy
        scenario   default-mix: requests as a real access log has them
        machine    2 CPUs AMD EPYC 7B13, Linux 6.1, Node 26.10.0, stolen time 4.2 %
        noise      not calibrated: the twin of this run gives the noise floors

        metric                      baseline optimized  ratio (95 % interval)   twin
      ? hop-p50               µs        92.5      52.2 0.563x                 0.993x
        hop-p90               µs         122      66.0 0.544x                 0.998x
        hop-p99               µs         310       220 0.709x                  1.00x
        hop-cold-p50          µs         189       117 0.619x                  1.00x
        overhead-p50          µs        71.5      30.8 0.430x                  1.00x
        overhead-p99          µs         266       175 0.663x                 0.997x
        loaded-request-time   µs        96.3      30.3 0.313x                  1.00x
        throughput            req/s   10,400    33,500  3.22x                 0.993x
      ? cpu-per-request       µs        88.1      25.4 0.287x                  1.01x
      ? allocated-per-request kB        34.6      2.15 0.062x                 0.995x
        gc-time-per-request   µs        2.31     0.206 0.090x                 0.997x
        memory-rss            MB        92.4      86.0 0.925x                  1.01x
        cache-hit-rate        %      n/a [1]      99.4    n/a                    n/a

        [1] it has no cache

        judged                 verdict         counts from  noise  detectable
        hop-p50                ? inconclusive          5 %    1 %         n/a
        cpu-per-request        ? inconclusive          5 %  1.1 %         n/a
        allocated-per-request  ? inconclusive          6 %  0.5 %         n/a
        counts from: threshold or noise; detectable: would be called in 4 of 5 runs

      ! Processes are not pinned: this machine has no taskset, so its figures vary
        more than they need to.
      ! 3 rounds are too few to judge: 4 are the least at 95 % confidence.
      ! The run ended before its rounds were done, so its verdict is inconclusive.
        6 of 726 cycles left out for disturbances that hit all arms alike

        Report  reports/run-1

      ? Inconclusive, optimized against baseline: the run ended before its rounds were
        done.
      "
    `);
  });

  test.each([
    ['an improvement', {}],
    ['a regression', REGRESSED],
    ['noise', { synthetic: { spread: 0.3, ratios: {} } }],
    ['extreme ratios', { synthetic: { ratios: { candidate: 123.4 } } }],
    ['no rounds', { synthetic: { count: 0 } }],
  ] as [string, FixtureOptions][])('fits 80 columns with %s', (_, options) => {
    for (const line of render(options).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('names arms by their role in the table if they are long or the same', () => {
    const arms = (name: string): FixtureOptions => {
      const report = reportFixture();
      return {
        parts: {
          arms: report.arms.map((arm) => ({
            ...arm,
            name: arm.role === 'candidate' ? name : arm.name,
          })),
        },
      };
    };
    expect(render(arms('./a-rather-long-path.ts'))).toMatch(/metric +reference candidate/);
    expect(render(arms('baseline'))).toMatch(/metric +reference candidate/);
    expect(render(arms('baseline'))).toMatch(/^baseline against itself/);
    expect(render(arms('mine'))).toMatch(/metric +baseline +mine/);
  });

  test('gives one footnote to each reason for a missing figure, and never a zero', () => {
    const text = render({
      change: (round) => ({
        ...round,
        arms: {
          ...round.arms,
          candidate: armFigures(
            { 'hop-p50': 50 },
            { 'allocated-per-request': 'a plain URL has no heap' },
          ),
        },
      }),
    });
    expect(text).toMatch(/allocated-per-request +kB +34\.\d +n\/a \[\d\] +n\/a/);
    expect(text).toMatch(/\[\d\] a plain URL has no heap/);
    expect(text).not.toMatch(/ 0\.00/);
  });

  test('has colour only where asked, and the same text either way', () => {
    const colored = render(REGRESSED, true);
    expect(colored).toContain('\u001b[31m');
    expect(colored.replace(/\u001b\[\d*m/g, '')).toBe(render(REGRESSED));
    expect(render(REGRESSED)).not.toContain('\u001b');
  });

  test('leaves the folder out if there is none', () => {
    const text = renderTerminal(reportFixture(), { color: false, width: 80 });
    expect(text).not.toContain('Report ');
  });
});
