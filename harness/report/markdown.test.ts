import { describe, expect, test } from 'vitest';
import { reportFixture } from './fixtures/report.ts';
import { renderMarkdown } from './markdown.ts';

describe('the Markdown report', () => {
  test('has the verdict first, then what decides, and folds the rest', () => {
    const report = reportFixture({ synthetic: { count: 7 } });
    expect(renderMarkdown(report)).toMatchInlineSnapshot(`
      "## ✅ Improved, optimized against baseline: hop-p50 0.561x, cpu-per-request 0.287x and allocated-per-request 0.061x.

      3 improved, 0 unchanged, 0 regressed, 0 inconclusive. optimized against baseline, 7 rounds in 1 min 52 s, seed 7.

      |  | metric | reference baseline | candidate optimized | ratio (95 % interval) | twin |
      | :--- | :--- | ---: | ---: | ---: | ---: |
      | ✅ | hop-p50 | 93.5 µs | 52.8 µs | 0.561x (0.558 to 0.571) | 0.997x |
      | ✅ | cpu-per-request | 88.6 µs | 25.4 µs | 0.287x (0.285 to 0.288) | 1.01x |
      | ✅ | allocated-per-request | 34.6 kB | 2.13 kB | 0.061x (0.061 to 0.062) | 1.00x |

      <details>
      <summary>All metrics</summary>

      |  | metric | reference baseline | candidate optimized | ratio (95 % interval) | twin |
      | :--- | :--- | ---: | ---: | ---: | ---: |
      | ✅ | hop-p50 | 93.5 µs | 52.8 µs | 0.561x (0.558 to 0.571) | 0.997x |
      |  | hop-p90 | 120 µs | 66.0 µs | 0.547x (0.542 to 0.552) | 1.01x |
      |  | hop-p99 | 310 µs | 220 µs | 0.709x (0.706 to 0.716) | 1.00x |
      |  | hop-cold-p50 | 189 µs | 117 µs | 0.620x (0.616 to 0.622) | 1.00x |
      |  | overhead-p50 | 71.9 µs | 31.0 µs | 0.431x (0.428 to 0.433) | 1.00x |
      |  | overhead-p99 | 265 µs | 174 µs | 0.660x (0.656 to 0.666) | 0.997x |
      |  | loaded-request-time | 96.3 µs | 30.2 µs | 0.313x (0.311 to 0.315) | 1.00x |
      |  | throughput | 10,500 req/s | 33,400 req/s | 3.20x (3.17 to 3.25) | 0.995x |
      | ✅ | cpu-per-request | 88.6 µs | 25.4 µs | 0.287x (0.285 to 0.288) | 1.01x |
      | ✅ | allocated-per-request | 34.6 kB | 2.13 kB | 0.061x (0.061 to 0.062) | 1.00x |
      |  | gc-time-per-request | 2.32 µs | 0.207 µs | 0.090x (0.089 to 0.091) | 1.00x |
      |  | memory-rss | 92.4 MB | 86.0 MB | 0.928x (0.922 to 0.935) | 1.01x |
      |  | cache-hit-rate | n/a [1] | 99.4 % | n/a | n/a |

      [1] it has no cache

      </details>

      <details>
      <summary>What counts, and what this run could have seen</summary>

      | metric | scenario | verdict | threshold | noise floor | counts from | detectable |
      | :--- | :--- | :--- | ---: | ---: | ---: | ---: |
      | hop-p50 | default-mix | improved | 5 % | 0.43 % | 5 % | 5.4 % |
      | cpu-per-request | default-mix | improved | 5 % | 0.73 % | 5 % | 5.3 % |
      | allocated-per-request | default-mix | improved | 6 % | 0.68 % | 6 % | 6.4 % |

      </details>

      <details>
      <summary>Contestants and conformance</summary>

      | arm | implementation | version | conformance |
      | :--- | :--- | :--- | :--- |
      | direct | direct | n/a |  |
      | reference | baseline | 0.1.0 | policy tier: 38 passed, 1 skipped (fast subset) |
      | twin | baseline | 0.1.0 |  |
      | candidate | optimized | 0.1.0 | policy tier: 39 passed (fast subset) |

      - baseline skips \`expect-forwarded\`: undici refuses the expect header

      </details>

      <details>
      <summary>Environment</summary>

      |  |  |
      | :--- | :--- |
      | CPU | AMD EPYC 7B13, 2 usable |
      | system | Linux 6.1 |
      | Node, V8 | 26.10.0, 14.2.1 |
      | stolen time | 4.2 % |
      | commit | 86da57b |
      | noise | not calibrated: the twin of this run gives the noise floors |
      | policy | examples/policy.yaml, 20 rules |
      | scenario | default-mix: requests as a real access log has them (5f3a) |
      | cycles left out | 14 |
      | command | \`hopmark compare baseline optimized --budget 120s\` |

      </details>

      <details>
      <summary>Rounds (7)</summary>

      hop-p50 of default-mix, µs

      | round | reference | twin | candidate | stolen time |
      | ---: | ---: | ---: | ---: | ---: |
      | 1 | 92.5 | 93.1 | 52.0 | 4 % |
      | 2 | 94.4 | 92.4 | 52.2 | 4 % |
      | 3 | 92.5 | 92.6 | 52.9 | 4 % |
      | 4 | 93.5 | 92.6 | 51.8 | 4 % |
      | 5 | 92.8 | 92.6 | 53.0 | 4 % |
      | 6 | 94.5 | 94.1 | 52.8 | 4 % |
      | 7 | 94.2 | 94.1 | 52.8 | 4 % |

      cpu-per-request of default-mix, µs

      | round | reference | twin | candidate | stolen time |
      | ---: | ---: | ---: | ---: | ---: |
      | 1 | 88.1 | 88.7 | 25.7 | 4 % |
      | 2 | 88.6 | 89.7 | 25.4 | 4 % |
      | 3 | 87.9 | 88.3 | 25.2 | 4 % |
      | 4 | 88.9 | 88.4 | 25.5 | 4 % |
      | 5 | 87.9 | 88.3 | 25.3 | 4 % |
      | 6 | 88.7 | 89.7 | 25.2 | 4 % |
      | 7 | 88.8 | 89.7 | 25.5 | 4 % |

      allocated-per-request of default-mix, kB

      | round | reference | twin | candidate | stolen time |
      | ---: | ---: | ---: | ---: | ---: |
      | 1 | 34.8 | 34.4 | 2.15 | 4 % |
      | 2 | 34.6 | 34.7 | 2.11 | 4 % |
      | 3 | 34.6 | 34.5 | 2.15 | 4 % |
      | 4 | 34.4 | 35.0 | 2.15 | 4 % |
      | 5 | 35.0 | 34.8 | 2.13 | 4 % |
      | 6 | 35.0 | 34.9 | 2.11 | 4 % |
      | 7 | 34.6 | 35.0 | 2.13 | 4 % |

      </details>
      "
    `);
  });

  test('shows warnings before anything folded', () => {
    const text = renderMarkdown(reportFixture({ judge: { complete: false } }));
    const warning = text.indexOf('⚠️ The run ended before its rounds were done');
    expect(warning).toBeGreaterThan(0);
    expect(warning).toBeLessThan(text.indexOf('<details>'));
  });

  test('lets no name or message become markup', () => {
    const report = reportFixture();
    const text = renderMarkdown({
      ...report,
      arms: report.arms.map((arm) => ({ ...arm, name: 'a|b<script>\n# x' })),
    });
    expect(text).not.toContain('<script>');
    expect(text).not.toMatch(/^# x/m);
    expect(text).toContain('a\\|b\\<script\\> \\# x');
  });

  test('every row of a table has as many cells as its head', () => {
    const lines = renderMarkdown(reportFixture()).split('\n');
    const cells = (line: string): number => line.split(/(?<!\\)\|/).length;
    lines.forEach((line, index) => {
      const previous = lines[index - 1] ?? '';
      if (line.startsWith('|') && previous.startsWith('|'))
        expect(cells(line)).toBe(cells(previous));
    });
  });

  test('of a run without rounds is still a report', () => {
    const text = renderMarkdown(reportFixture({ synthetic: { count: 0 } }));
    expect(text).toMatch(/^## ❔ Inconclusive/);
    expect(text).toContain('too few to judge');
  });
});
