/**
 * The counters of a server in the text format that Prometheus scrapes (exposition format 0.0.4). Made
 * anew for each scrape, of totals that the workers keep: nothing is counted here.
 */
import {
  AggregatorRegistry,
  Counter,
  Gauge,
  type PrometheusContentType,
  Registry,
} from 'prom-client';
import type { DurationCounts, HitCounts, ProxyCounters } from '../impls/contract.ts';
import type { ServerState } from './proxy-server.ts';

/** A count with the labels that tell it from others of its name. */
interface Count {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Upper bounds of the ranges in which durations are shown, in microseconds: 10 to 10,000,000. */
const BOUNDS_US: readonly number[] = [
  ...[10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((decade) =>
    [1, 1.5, 2, 3, 4, 5, 7].map((step) => step * decade),
  ),
  10_000_000,
];

/** The text, and the content type that goes with it. */
export async function metricsText(
  state: ServerState,
  counters: ProxyCounters | null,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const registers = [new Registry()];
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name: `hopmark_${name}`, help, registers }).set(value);
  const counter = (name: string, help: string, counts: readonly Count[]): void => {
    const labelNames = Object.keys(counts[0]?.labels ?? {});
    const made = new Counter({ name: `hopmark_${name}_total`, help, labelNames, registers });
    for (const { labels, value } of counts) made.inc(labels, value);
  };
  gauge('workers', 'Workers that serve.', state.workers.length);
  gauge('workers_wanted', 'Workers that should serve.', state.workersWanted);
  counter('worker_restarts', 'Workers that were started anew.', one(state.restarts));
  if (counters !== null) {
    const { responses, errors, caches, pools, log, upstream } = counters;
    counter('requests', 'Requests whose head was read whole.', one(counters.requests));
    counter('responses', 'Answers sent, by class.', byLabel('class', responses));
    counter('dropped_requests', 'Requests answered by a drop rule.', one(counters.dropped));
    counter('errors', 'Failures, by kind.', byLabel('kind', errors));
    counter('cache_lookups', 'Lookups in caches.', lookups('cache', caches));
    counter('pool_takes', 'Memory taken from pools; a miss allocates.', lookups('pool', pools));
    counter('log_lines', 'Log lines, by what became of them.', byLabel('outcome', log));
    counter('upstream_connections', 'Connections opened to the upstream.', one(upstream.opened));
    counter(
      'upstream_reuses',
      'Requests sent on a connection that was there.',
      one(upstream.reused),
    );
    counter('upstream_retries', 'Requests sent a second time.', one(upstream.retried));
  }
  const durations = Object.entries(counters?.durations ?? {});
  const registry = Registry.merge([
    ...registers,
    ...(durations.length > 0
      ? [AggregatorRegistry.aggregate<PrometheusContentType>([[histogram(durations)]])]
      : []),
  ]);
  return { text: await registry.metrics(), contentType: registry.contentType };
}

/** Histograms that are there already, as the library passes them from process to process. */
function histogram(durations: readonly (readonly [name: string, counts: DurationCounts])[]) {
  return {
    name: 'hopmark_duration_seconds',
    help: 'How long requests took, and of that the upstream.',
    type: 'histogram',
    aggregator: 'sum',
    values: durations.flatMap(([of, { ranges, sumUs }]) => {
      const value = (part: string, labels: object, number: number) => ({
        metricName: `hopmark_duration_seconds_${part}`,
        labels: { of, ...labels },
        value: number,
      });
      const below = (boundUs: number): number =>
        ranges.reduce((sum, [belowUs, count]) => (belowUs <= boundUs ? sum + count : sum), 0);
      const all = below(Number.POSITIVE_INFINITY);
      return [
        ...BOUNDS_US.map((bound) => value('bucket', { le: bound / 1e6 }, below(bound))),
        value('bucket', { le: '+Inf' }, all),
        value('sum', {}, sumUs / 1e6),
        value('count', {}, all),
      ];
    }),
  };
}

function one(value: number): readonly Count[] {
  return [{ labels: {}, value }];
}

function byLabel(label: string, values: Readonly<Record<string, number>>): readonly Count[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function lookups(label: string, values: Readonly<Record<string, HitCounts>>): readonly Count[] {
  return Object.entries(values).flatMap(([name, { hits, misses }]) => [
    { labels: { [label]: name, result: 'hit' }, value: hits },
    { labels: { [label]: name, result: 'miss' }, value: misses },
  ]);
}
