import { describe, expect, test } from 'vitest';
import {
  figures,
  latency,
  loadReport,
  saturationReport,
  soakReport,
  step,
  sweepReport,
} from './fixtures/load-report.ts';
import { loadReportFiles } from './load-files.ts';
import { loadVerdictSentence } from './load-sentence.ts';
import { renderLoadText } from './load-text.ts';

const PLAIN = { color: false, width: 80, folder: 'reports/run' };

test('a load report', () => {
  expect(renderLoadText(loadReport(), PLAIN)).toMatchInlineSnapshot(`
    "optimized under load  1 min 21 s, seed 7

      proxy     optimized 0.1.0; policy tier: 32 passed (fast subset)
      policy    examples/policy.yaml, 20 rules
      scenario  web-mix: a public web site, 1,500 targets
      load      8000 requests a second on 1000 connections, constant arrivals, half
                of the capacity of 16,100 requests a second
      machine   2 CPUs AMD EPYC, Linux 6.18, Node v26.10.0, stolen time 1.2 %

      from the intended moment                 direct         optimized
      latency-p50               µs   181 (179 to 184)  181 (179 to 184)
      latency-p99               µs   310 (295 to 330)  612 (580 to 655)
      latency-p999              µs               2890              2890
      p99, quietest half        µs                540               540
      answers                   1/s              8000              8000
      requests                                 96,000           480,000
      failed                                     none              none
      waited, given up                           0, 0              0, 0
      release lag p50, p99      µs         1.00, 40.0        1.00, 40.0
      driver busy               %                41.0              41.0

      over time  p50 µs  p99 µs  max µs  failed  stolen  others
      from 0 s      182     602    3000       0     1 %     3 %
      from 5 s      187     607    3010       0     1 %     3 %
      from 10 s     192     612    3010       0     1 %     3 %
      from 15 s     197     617    3020       0     1 %     3 %
      from 20 s     202     622    3020       0     1 %     3 %
      from 25 s     207     627    3030       0     1 %     3 %
      from 30 s     212     632    3030       0     1 %     3 %
      from 35 s     217     637    3040       0     1 %     3 %
      from 40 s     222     642    3040       0     1 %     3 %
      from 45 s     227     647    3050       0     1 %     3 %
      from 50 s     232     652    3050       0     1 %     3 %
      from 55 s     237     657    3060       0     1 %     3 %

      waited: found every connection in use; release lag: what the driver itself was
      late by, which latency includes; others: what other processes took of this
      machine

      Report  reports/run

    ✓ Met: the 99th percentile of optimized is 612 µs (580 to 655) at 8000 requests
      a second, below 1000 µs.
    "
  `);
});

test('a sweep', () => {
  expect(renderLoadText(sweepReport(), PLAIN)).toMatchInlineSnapshot(`
    "optimized at rising rates  1 min 21 s, seed 7

      proxy     optimized 0.1.0; policy tier: 32 passed (fast subset)
      policy    examples/policy.yaml, 20 rules
      scenario  web-mix: a public web site, 1,500 targets
      load      1000 connections, constant arrivals; capacity 16,000 requests a
                second, measured first by a closed loop
      machine   2 CPUs AMD EPYC, Linux 6.18, Node v26.10.0, stolen time 1.2 %

      rate 1/s capacity answers p50 µs p99 µs                  held failed lag p99
      4000         25 %    4000    150    600 ####             yes  none      40.0
      8000         50 %    8000    155    620 ####             yes  none      40.0
    > 12,000       75 %  12,000    225    900 ######           yes  none      40.0
      16,000      100 %  16,000 12,000 48,000 ###############> no   none      40.0

      >: the knee, the highest rate held with a p99 of at most 1220 µs, twice that
      of low rates; late: not held, but the driver itself was late

      Report  reports/run

    = Measured: the knee is at 12,000 requests a second, 75 % of the capacity; the
      next rate that was tried, 16,000 requests a second, is beyond it.
    "
  `);
});

test('a soak', () => {
  expect(renderLoadText(soakReport(), PLAIN)).toMatchInlineSnapshot(`
    "optimized for a long time  1 min 21 s, seed 7

      proxy     optimized 0.1.0; policy tier: 32 passed (fast subset)
      policy    examples/policy.yaml, 20 rules
      scenario  web-mix: a public web site, 1,500 targets
      load      8000 requests a second on 100 connections, constant arrivals, half
                of the capacity of 16,100 requests a second; at most 100 MB beyond
                the 108 MB resident before the first request
      machine   2 CPUs AMD EPYC, Linux 6.18, Node v26.10.0, stolen time 1.2 %

      from the intended moment              optimized
      latency-p50               µs   181 (179 to 184)
      latency-p99               µs   612 (580 to 655)
      latency-p999              µs               2890
      p99, quietest half        µs                540
      answers                   1/s              8000
      requests                                480,000
      failed                                     none
      waited, given up                           0, 0
      release lag p50, p99      µs         1.00, 40.0
      driver busy               %                41.0

      over time        p50 µs  p99 µs  max µs  failed  stolen  others
      from 0 s            192     612    3020       0     1 %     3 %
      from 25 s           217     637    3050       0     1 %     3 %
      from 50 s           242     662    3070       0     1 %     3 %
      from 1 min 15 s     267     687    3100       0     1 %     3 %
      from 1 min 40 s     292     712    3120       0     1 %     3 %
      from 2 min 5 s      317     737    3150       0     1 %     3 %
      from 2 min 30 s     342     762    3170       0     1 %     3 %
      from 2 min 55 s     367     787    3200       0     1 %     3 %
      from 3 min 20 s     392     812    3220       0     1 %     3 %
      from 3 min 45 s     417     837    3250       0     1 %     3 %
      from 4 min 10 s     442     862    3270       0     1 %     3 %
      from 4 min 35 s     467     887    3300       0     1 %     3 %

      memory, after collection   requests  held MB  resident MB  before it MB
      at 0 s                            0    22.00       140.00        150.00
      at 30 s                     240,000    22.00       140.00        150.00
      at 1 min                    480,000    22.00       140.01        150.01
      at 1 min 30 s               720,000    22.01       140.01        150.01
      at 2 min                    960,000    22.01       140.02        150.02
      at 2 min 30 s             1,200,000    22.01       140.02        150.02
      at 3 min                  1,440,000    22.01       140.02        150.02
      at 3 min 30 s             1,680,000    22.01       140.03        150.03
      at 4 min                  1,920,000    22.02       140.03        150.03
      at 4 min 30 s             2,160,000    22.02       140.04        150.04
      at 5 min                  2,400,000    22.02       140.04        150.04

      open handles         clients  upstream  other sockets  descriptors
      before any request         0         0              3           25
      under load               100        32              3          157
      after all have left        0        32              3           57

      waited: found every connection in use; release lag: what the driver itself was
      late by, which latency includes; others: what other processes took of this
      machine

      Report  reports/run

    ✓ Met: no leak: at most 0.310 bytes of held memory stay behind for each request;
      it added 44.0 MB to its idle size, of 100 MB that it may.
    "
  `);
});

test('a saturation', () => {
  expect(renderLoadText(saturationReport(), PLAIN)).toMatchInlineSnapshot(`
    "optimized saturated  1 min 21 s, seed 7

      proxy     optimized 0.1.0; policy tier: 32 passed (fast subset)
      policy    examples/policy.yaml, 20 rules
      scenario  web-mix: a public web site, 1,500 targets
      load      a closed loop by autocannon: every connection has a request under
                way
      machine   2 CPUs AMD EPYC, Linux 6.18, Node v26.10.0, stolen time 1.2 %

      closed loop          1/s  service p50 ms  p99 ms  max ms  requests  failed
      concurrency-100   15,000            6.00    18.0    54.0   150,000  none
      concurrency-250   16,200            15.0    45.0     135   162,000  none
      concurrency-500   15,900            31.0    93.0     279   159,000  none
      concurrency-1000  14,100            70.0     210     630   141,000  none

      service times of a closed loop, in whole milliseconds: a server that stalls is
      asked less, so they are no latencies at a rate, and are not judged

      Report  reports/run

    = Measured: at most 16,200 requests a second, on 250 connections.
    "
  `);
});

test('doubts stand before the verdict, and a long name keeps its end', () => {
  const warnings = [{ code: 'driver-late', message: 'The driver was late.' }];
  const report = loadReport({
    validity: { valid: false, complete: true, warnings },
    implementation: {
      ...loadReport().implementation,
      name: './some/where/deep/in/a/folder/my-proxy.ts',
    },
  });
  const text = renderLoadText(report, PLAIN);
  expect(text).toMatch(/! The driver was late\.[\s\S]*✓ Met/);
  expect(text).toContain('...p/in/a/folder/my-proxy.ts'.slice(-20));
});

test.each([loadReport(), sweepReport(), soakReport(), saturationReport()])(
  'no line of a $kind report is wider than 80 columns, but for its tables',
  (report) => {
    const lines = renderLoadText(report, PLAIN).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);

describe('the verdict is a sentence', () => {
  const missed = { verdict: 'missed' } as const;
  test.each([
    [
      loadReport({ ...missed, reasons: ['latency-missed'] }),
      'Missed: the 99th percentile of optimized is 612 µs (580 to 655) at 8000 requests a second, above 1000 µs.',
    ],
    [
      loadReport({
        ...missed,
        reasons: ['rate-not-held'],
        proxy: figures({ waited: 24_000, unanswered: 12, achievedPerSecond: 7100 }),
      }),
      'Missed: optimized could not hold 8000 requests a second on 1000 connections: it gave 7100 answers a second, 5 % of the requests waited for a connection, and 12 were given up.',
    ],
    [
      loadReport({
        ...missed,
        reasons: ['requests-failed'],
        proxy: figures({ failures: { timeout: 3, truncated: 1 } }),
      }),
      'Missed: of 480,000 requests some failed (timeout 3, truncated 1).',
    ],
    [
      loadReport({ verdict: 'inconclusive', reasons: ['driver-limited'] }),
      'Inconclusive: the driver itself could not keep the schedule at 8000 requests a second: it was busy for 41 % of the time, and one request in a hundred left 40.0 µs late or more.',
    ],
    [
      loadReport({ verdict: 'inconclusive', reasons: ['direct-above-target'] }),
      'Inconclusive: the origin alone, without a proxy, takes 310 µs (295 to 330) at the 99th percentile on this machine, above 1000 µs.',
    ],
    [
      loadReport({
        verdict: 'measured',
        reasons: ['nothing-to-judge'],
        proxy: figures({ latency: latency(null) }),
      }),
      'Measured: the 99th percentile of optimized is not known (fewer than 2000 requests were answered) at 8000 requests a second; no --target-latency was given to judge it by.',
    ],
    [
      soakReport({
        ...missed,
        reasons: ['leak', 'memory-exceeded'],
        leak: {
          ...soakReport().leak,
          verdict: 'leak',
          bytesPerRequest: 1012,
          interval: [998, 1031],
        },
        memory: { idleRssBytes: 108e6, largestRssBytes: 508e6, within: false },
      }),
      'Missed: optimized leaks 1010 bytes of held memory for each request (998 to 1030); it added 400 MB to its idle size, more than the 100 MB that it may.',
    ],
    [
      soakReport({
        verdict: 'inconclusive',
        reasons: ['leak-undecided'],
        leak: { ...soakReport().leak, verdict: 'cannot-tell', interval: [-3, 9] },
      }),
      'Inconclusive: between -3.00 bytes and 9.00 bytes of held memory stay behind for each request, which may be a leak or not; a longer --duration decides.',
    ],
    [
      sweepReport({ knee: null, steps: [step(0.3, null)] }),
      'Measured: latency has no knee in this sweep: no rate was held as low rates should be.',
    ],
  ])('%#', (report, sentence) => {
    expect(loadVerdictSentence(report)).toBe(sentence);
  });
});

describe('the files of a report', () => {
  test('of a load test are the document, two texts and the percentiles', () => {
    const files = loadReportFiles(loadReport(), 'Value Percentile\n');
    expect(Object.keys(files)).toEqual([
      'report.json',
      'report.md',
      'index.html',
      'report.txt',
      'latency.hgrm',
    ]);
    expect(JSON.parse(files['report.json'] ?? '')).toEqual(loadReport());
    expect(files['report.md']).toMatch(/^## ✅ Met: /);
  });

  test('of a sweep hold its table as CSV', () => {
    const csv = loadReportFiles(sweepReport(), null)['sweep.csv'] ?? '';
    expect(csv.split('\n')).toEqual([
      'rate_per_second,answers_per_second,p50_us,p99_us,lag_p99_us,held',
      '4000,4000.0,150.0,600.0,40.0,1',
      '8000,8000.0,155.0,620.0,40.0,1',
      '12000,12000.0,225.0,900.0,40.0,1',
      '16000,16000.0,12000.0,48000.0,40.0,0',
      '',
    ]);
  });
});
