import { describe, expect, test } from 'vitest';
import { armFigures } from '../verdict/fixtures.ts';
import { type RankingFixtureOptions, rankingFixture } from './fixtures/ranking.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { parseReport } from './schema.ts';
import { verdictSentence } from './sentence.ts';
import { renderTerminal } from './terminal.ts';

const render = (options: RankingFixtureOptions = {}, width = 80): string =>
  renderTerminal(rankingFixture(options), { color: false, width, folder: 'reports/run-1' });

const JUDGED: RankingFixtureOptions = { judge: { thresholds: { 'cpu-per-request': 0.05 } } };
const LEFT_OUT: RankingFixtureOptions = {
  judge: { leftOut: [{ name: 'mine', version: null, reason: 'it fails body-of-one-byte' }] },
};
const WITHOUT_CPU: RankingFixtureOptions = {
  change: (round) => ({
    ...round,
    arms: {
      ...round.arms,
      'candidate-3': armFigures(
        { 'hop-p50': 140, 'overhead-p50': 120 },
        { 'cpu-per-request': 'a plain URL has no process to read' },
      ),
    },
  }),
};

describe('a ranking in a terminal', () => {
  test('has a table for each order, ties as shared places, and the order last', () => {
    expect(render()).toMatchInlineSnapshot(`
      "optimized and 4 others  8 rounds in 1 min 52 s, seed 7

        direct     no proxy: hop-p50 23.3 µs, loaded-request-time 10.4 µs
        reference  optimized 0.1.0; policy tier: 28 passed (fast subset)
        candidate  nginx 1.27.0; forwarding tier: 28 passed (fast subset)
        candidate  nginx (2) 1.27.0; forwarding tier: 28 passed (fast subset)
        candidate  fast-proxy 2.2.0; forwarding tier: 28 passed (fast subset)
        candidate  /opt/gateways/our-own-gateway-of-many-words/listener.ts; forwarding
                   tier: 28 passed (fast subset)
        floor      splice, never ranked: hop-p50 36.1 µs, loaded-request-time 16.1 µs
        twin       the reference once more: cpu-per-request 1.00x (0.99 to 1.01),
                   hop-p50 1.00x (0.99 to 1.01)
        tier       forwarding, the highest that all of them have passed
        policy     none: the common tier is forwarding
        scenario   default-mix: requests as a real access log has them
        machine    2 CPUs AMD EPYC 7B13, Linux 6.1, Node 26.10.0, stolen time 4.2 %
        noise      not calibrated: the twin of this run gives the noise floors

        rank  arm                   cpu µs  ratio (95 % interval)  loaded µs alloc kB
        floor splice                  17.5 0.698x (0.694 to 0.701)      16.1     1.22
        1-2   nginx                   20.3 0.811x (0.806 to 0.813)      18.8     1.41
        1-2   nginx (2)               20.3 0.811x (0.806 to 0.815)      18.8     1.42
        3     optimized               25.0     1x                       23.1     1.74
        -     optimized (policy on)   35.1  1.40x (1.39 to 1.40)        32.4     2.44
        4     fast-proxy              73.0  2.90x (2.88 to 2.91)        67.2     5.05
        5     …/listener.ts            106  4.18x (4.15 to 4.22)        97.2     7.35

        rank  arm                   hop µs  ratio (95 % interval)  overhead µs RSS MB
        floor splice                  36.1 0.702x (0.699 to 0.706)        21.5   86.6
        1-2   nginx                   41.6 0.809x (0.806 to 0.813)        24.8    101
        1-2   nginx (2)               42.2 0.812x (0.807 to 0.818)        24.8    101
        3     optimized               51.5     1x                         30.9    123
        -     optimized (policy on)   71.9  1.40x (1.39 to 1.40)          42.7    174
        4     fast-proxy               150  2.91x (2.89 to 2.93)          88.7    359
        5     …/listener.ts            216  4.21x (4.18 to 4.23)           128    520

        ratio: to optimized; rank: arms that share places could not be told apart, and
        all places of a table hold together with 95 % confidence
        not ranked: optimized (policy on): its policy is on, unlike that of the others
        not ranked: splice: a floor, not a proxy

        16 of 1936 cycles left out for disturbances that hit all arms alike

        Report  reports/run-1

      ✓ Ranked by cpu-per-request: 1-2 nginx, 1-2 nginx (2), 3 optimized, 4
        fast-proxy, 5 /opt/gateways/our-own-gateway-of-many-words/listener.ts.
      "
    `);
  });

  test('has all columns in one of 120', () => {
    const text = render({}, 120);
    expect(text.slice(text.indexOf('  rank'), text.indexOf('  ratio:'))).toMatchInlineSnapshot(`
      "  rank   arm                    cpu µs   ratio  (95 % interval)   loaded µs  alloc kB  version  tier
        floor  splice                   17.5  0.698x  (0.694 to 0.701)       16.1      1.22
        1-2    nginx                    20.3  0.811x  (0.806 to 0.813)       18.8      1.41  1.27.0   forwarding
        1-2    nginx (2)                20.3  0.811x  (0.806 to 0.815)       18.8      1.42  1.27.0   forwarding
        3      optimized                25.0      1x                         23.1      1.74  0.1.0    policy
        -      optimized (policy on)    35.1   1.40x  (1.39 to 1.40)         32.4      2.44  0.1.0    policy
        4      fast-proxy               73.0   2.90x  (2.88 to 2.91)         67.2      5.05  2.2.0    forwarding
        5      …/listener.ts             106   4.18x  (4.15 to 4.22)         97.2      7.35           forwarding

        rank   arm                    hop µs   ratio  (95 % interval)   overhead µs  RSS MB
        floor  splice                   36.1  0.702x  (0.699 to 0.706)         21.5    86.6
        1-2    nginx                    41.6  0.809x  (0.806 to 0.813)         24.8     101
        1-2    nginx (2)                42.2  0.812x  (0.807 to 0.818)         24.8     101
        3      optimized                51.5      1x                           30.9     123
        -      optimized (policy on)    71.9   1.40x  (1.39 to 1.40)           42.7     174
        4      fast-proxy                150   2.91x  (2.89 to 2.93)           88.7     359
        5      …/listener.ts             216   4.21x  (4.18 to 4.23)            128     520

      "
    `);
  });

  test('says what the given thresholds say', () => {
    const text = render(JUDGED);
    expect(text.slice(text.indexOf('  judged'))).toMatchInlineSnapshot(`
      "  judged                        verdict   ratio                   counts from
        nginx         cpu-per-request improved  0.811x (0.806 to 0.813)         5 %
        nginx (2)     cpu-per-request improved  0.811x (0.806 to 0.815)         5 %
        fast-proxy    cpu-per-request regressed 2.90x (2.88 to 2.91)            5 %
        …/listener.ts cpu-per-request regressed 4.18x (4.15 to 4.22)            5 %

        16 of 1936 cycles left out for disturbances that hit all arms alike

        Report  reports/run-1

      ✗ Ranked by cpu-per-request: 1-2 nginx, 1-2 nginx (2), 3 optimized, 4
        fast-proxy, 5 /opt/gateways/our-own-gateway-of-many-words/listener.ts. By the
        given thresholds: regressed fast-proxy cpu-per-request 2.90x and
        /opt/gateways/our-own-gateway-of-many-words/listener.ts cpu-per-request 4.18x.
      "
    `);
  });

  test.each([
    ['ranking', {}],
    ['thresholds', JUDGED],
    ['something left out', LEFT_OUT],
    ['a figure missing', WITHOUT_CPU],
    ['no rounds', { count: 0 }],
    ['one round', { count: 1 }],
  ] as [string, RankingFixtureOptions][])('fits 80 columns with %s', (_, options) => {
    for (const line of render(options).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('shows an arm whose figure is missing last, without a place', () => {
    const text = render(WITHOUT_CPU);
    expect(text).toMatch(/\n {2}n\/a +fast-proxy +n\/a +n\/a/);
    expect(text).toContain(
      'fast-proxy has no place by cpu-per-request: a plain URL has no process to read',
    );
    expect(text).not.toContain('n/a fast-proxy');
  });

  test('tells a doubt of several arms once, by their names', () => {
    const drifting = ['nginx (candidate)', 'optimized (twin)', 'fast-proxy (candidate-3)'];
    const warnings = drifting.map((who) => ({
      code: 'not-steady',
      message: `${who} was still getting faster.`,
    }));
    const change: RankingFixtureOptions['change'] = (round) => ({
      ...round,
      warnings: warnings.slice(0, round.index),
    });
    expect(render({ change }).replaceAll(/\s+/g, ' ')).toContain(
      '! Each of nginx, the twin of optimized and fast-proxy was still getting faster (in up to 7 of 8 rounds).',
    );
  });
});

describe('a ranking in a sentence', () => {
  const sentence = (options?: RankingFixtureOptions): string =>
    verdictSentence(rankingFixture(options));

  test('names the order, with shared places', () => {
    expect(sentence()).toMatch(
      /^Ranked by cpu-per-request: 1-2 nginx(?: \(2\))?, 1-2 nginx(?: \(2\))?, 3 optimized, 4 fast-proxy, 5 \/opt/,
    );
  });

  test('says what thresholds found', () => {
    expect(sentence(JUDGED)).toMatch(
      /By the given thresholds: regressed fast-proxy cpu-per-request 2\.\d+x and \/opt.* 4\.\d+x\.$/,
    );
    const lenient = { judge: { thresholds: { 'cpu-per-request': 9 } } };
    expect(sentence(lenient)).toMatch(/By the given thresholds: all kept to\.$/);
  });

  test.each([
    ['too few rounds', { count: 3 }, /^Not ranked: 3 rounds are too few to judge/],
    ['no rounds', { count: 0 }, /^Not ranked: 0 rounds are too few/],
    [
      'a control that differs',
      {
        change: (round) => ({
          ...round,
          arms: { ...round.arms, twin: armFigures({ 'hop-p50': 70, 'cpu-per-request': 30 }) },
        }),
      },
      /^Not ranked: .*differs by .* between two identical references/,
    ],
  ] as [string, RankingFixtureOptions, RegExp][])(
    'says why there is none: %s',
    (_, options, why) => {
      expect(sentence(options)).toMatch(why);
    },
  );

  test('says that it ended early', () => {
    expect(sentence({ judge: { complete: false } })).toMatch(
      /ended before its rounds were done\.$/,
    );
  });
});

describe('a ranking as a document', () => {
  test.each([
    ['as it is', {}],
    ['judged', JUDGED],
    ['with something left out', LEFT_OUT],
    ['with a figure missing', WITHOUT_CPU],
    ['of nothing', { count: 0 }],
  ] as [string, RankingFixtureOptions][])(
    'survives the way into JSON and back, %s',
    (_, options) => {
      const report = rankingFixture(options);
      expect(parseReport(renderJson(report), 'report.json')).toEqual(report);
    },
  );
});

describe('a ranking in Markdown', () => {
  test('has the order first, then one table, and folds the rest', () => {
    const text = renderMarkdown(rankingFixture({ count: 5 }));
    expect(text.slice(0, text.indexOf('<details>\n<summary>Environment'))).toMatchInlineSnapshot(`
      "## Ranked by cpu-per-request: 1-2 nginx (2), 1-2 nginx, 3 optimized, 4 fast-proxy, 5 /opt/gateways/our-own-gateway-of-many-words/listener.ts.

      optimized and 4 others, 5 rounds in 1 min 52 s, seed 7. Common tier: forwarding.

      | arm | version | tier | rank | cpu-per-request | ratio (95 % interval) | rank | hop-p50 | ratio (95 % interval) | overhead-p50 | loaded-request-time | allocated | RSS |
      | :--- | :--- | :--- | :--- | ---: | ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: |
      | splice |  |  | floor | 17.6 µs | 0.698x (0.693 to 0.704) | floor | 36.5 µs | 0.703x (0.698 to 0.708) | 21.8 µs | 16.3 µs | 1.23 kB | 86.8 MB |
      | nginx (2) | 1.27.0 | forwarding | 1-2 | 20.3 µs | 0.811x (0.804 to 0.815) | 1-2 | 42.4 µs | 0.811x (0.803 to 0.820) | 24.9 µs | 19.0 µs | 1.42 kB | 102 MB |
      | nginx | 1.27.0 | forwarding | 1-2 | 20.4 µs | 0.812x (0.806 to 0.815) | 1-2 | 42.3 µs | 0.811x (0.806 to 0.817) | 25.0 µs | 19.0 µs | 1.43 kB | 102 MB |
      | optimized | 0.1.0 | policy | 3 | 25.1 µs | 1x | 3 | 52.1 µs | 1x | 31.2 µs | 23.5 µs | 1.76 kB | 126 MB |
      | optimized (policy on) | 0.1.0 | policy | - | 35.7 µs | 1.40x (1.39 to 1.41) | - | 72.6 µs | 1.40x (1.39 to 1.41) | 43.0 µs | 32.4 µs | 2.46 kB | 176 MB |
      | fast-proxy | 2.2.0 | forwarding | 4 | 73.7 µs | 2.90x (2.88 to 2.93) | 4 | 151 µs | 2.92x (2.90 to 2.93) | 90.1 µs | 67.7 µs | 5.06 kB | 362 MB |
      | /opt/gateways/our-own-gateway-of-many-words/listener.ts |  | forwarding | 5 | 107 µs | 4.18x (4.15 to 4.27) | 5 | 220 µs | 4.21x (4.17 to 4.25) | 130 µs | 98.1 µs | 7.38 kB | 520 MB |

      - optimized (policy on) is not ranked: its policy is on, unlike that of the others
      - splice is not ranked: a floor, not a proxy

      <details>
      <summary>All metrics</summary>

      | metric | optimized | nginx | nginx (2) | fast-proxy | /opt/gateways/our-own-gateway-of-many-words/listener.ts | optimized (policy on) | splice |
      | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | hop-p50 | 52.1 µs | 0.811x (0.806 to 0.817) | 0.811x (0.803 to 0.820) | 2.92x (2.90 to 2.93) | 4.21x (4.17 to 4.25) | 1.40x (1.39 to 1.41) | 0.703x (0.698 to 0.708) |
      | overhead-p50 | 31.2 µs | 0.809x (0.797 to 0.813) | 0.806x (0.800 to 0.811) | 2.89x (2.86 to 2.92) | 4.18x (4.16 to 4.23) | 1.39x (1.38 to 1.41) | 0.698x (0.692 to 0.706) |
      | loaded-request-time | 23.5 µs | 0.812x (0.801 to 0.822) | 0.810x (0.806 to 0.816) | 2.91x (2.87 to 2.94) | 4.19x (4.15 to 4.23) | 1.40x (1.38 to 1.41) | 0.698x (0.693 to 0.704) |
      | cpu-per-request | 25.1 µs | 0.812x (0.806 to 0.815) | 0.811x (0.804 to 0.815) | 2.90x (2.88 to 2.93) | 4.18x (4.15 to 4.27) | 1.40x (1.39 to 1.41) | 0.698x (0.693 to 0.704) |
      | allocated-per-request | 1.76 kB | 0.809x (0.801 to 0.811) | 0.808x (0.803 to 0.815) | 2.89x (2.87 to 2.91) | 4.21x (4.15 to 4.24) | 1.40x (1.39 to 1.41) | 0.702x (0.693 to 0.709) |
      | memory-rss | 126 MB | 0.808x (0.775 to 0.845) | 0.807x (0.778 to 0.842) | 2.89x (2.79 to 3.01) | 4.17x (4.01 to 4.35) | 1.39x (1.34 to 1.46) | 0.697x (0.671 to 0.732) |

      </details>

      <details>
      <summary>Contestants and conformance</summary>

      | arm | implementation | version | conformance |
      | :--- | :--- | :--- | :--- |
      | direct | direct | n/a |  |
      | reference | optimized | 0.1.0 | policy tier: 28 passed (fast subset) |
      | twin | optimized | 0.1.0 |  |
      | candidate | nginx | 1.27.0 | forwarding tier: 28 passed (fast subset) |
      | candidate-2 | nginx (2) | 1.27.0 | forwarding tier: 28 passed (fast subset) |
      | candidate-3 | fast-proxy | 2.2.0 | forwarding tier: 28 passed (fast subset) |
      | candidate-4 | /opt/gateways/our-own-gateway-of-many-words/listener.ts | n/a | forwarding tier: 28 passed (fast subset) |
      | candidate-5 | optimized (policy on) | 0.1.0 | policy tier: 28 passed (fast subset) |
      | floor | splice | n/a | conformance not checked |

      </details>

      "
    `);
  });

  test('lets no name become markup', () => {
    const report = rankingFixture();
    const arms = report.arms.map((arm) =>
      arm.id === 'candidate-3' ? { ...arm, name: 'a|b*c`d' } : arm,
    );
    expect(renderMarkdown({ ...report, arms })).not.toMatch(/[^\\]\|b/);
  });
});
