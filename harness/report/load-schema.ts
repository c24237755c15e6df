/**
 * The shape of load reports as a schema, which `docs/load-report.schema.json` publishes and tests
 * hold every kind of report against. It checks shapes, not figures.
 */
import { z } from 'zod';
import { type AnyLoadReport, LOAD_REPORT_SCHEMA_VERSION } from '../model/load-report.ts';
import {
  conformanceSchema,
  environmentSchema,
  intervalSchema as interval,
  metricNameSchema as metricName,
  policyReferenceSchema,
  scenarioReferenceSchema,
  toolSchema,
  warningSchema as warning,
} from './schema-parts.ts';

const count = z.int().min(0);
const amount = z.number().min(0);
const fraction = amount.nullable();
const counts = z.record(z.string(), count);
const arrivals = z.enum(['constant', 'poisson']);

const head = {
  schemaVersion: z.literal(LOAD_REPORT_SCHEMA_VERSION),
  tool: toolSchema,
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: amount,
    seed: z.int(),
    command: z.string(),
  }),
  environment: environmentSchema,
  scenario: scenarioReferenceSchema,
  policy: policyReferenceSchema,
  implementation: z.strictObject({
    name: z.string(),
    kind: z.string(),
    version: z.string().nullable(),
    tier: z.enum(['forwarding', 'strict', 'policy']).nullable(),
    conformance: conformanceSchema.nullable(),
  }),
  validity: z.strictObject({
    valid: z.boolean(),
    complete: z.boolean(),
    warnings: z.array(warning),
  }),
  verdict: z.enum(['met', 'missed', 'measured', 'inconclusive']),
  reasons: z.array(
    z.enum([
      'nothing-to-judge',
      'latency-met',
      'latency-missed',
      'latency-undecided',
      'direct-above-target',
      'driver-limited',
      'rate-not-held',
      'requests-failed',
      'no-leak',
      'leak',
      'leak-undecided',
      'memory-within',
      'memory-exceeded',
      'ended-early',
      'smoke',
    ]),
  ),
};

const offered = z.strictObject({
  connections: z.int().min(1),
  ratePerSecond: z.number().positive(),
  rateFrom: z.enum(['given', 'half-capacity']),
  arrivals,
  capacityPerSecond: amount.nullable(),
});

const figures = z.strictObject({
  requests: count,
  answered: count,
  failures: counts,
  unanswered: count,
  waited: count,
  sentAgain: count,
  reopened: count,
  achievedPerSecond: amount,
  latency: z.array(
    z.strictObject({
      scenario: z.string(),
      metric: metricName,
      unit: z.literal('us'),
      value: amount.nullable(),
      interval: interval.nullable(),
      reason: z.string().exactOptional(),
    }),
  ),
  lag: z.strictObject({ p50Us: amount, p99Us: amount, p999Us: amount, maxUs: amount }),
  driverBusyFraction: z.number(),
  quiet: z.strictObject({ windows: count, p50Us: amount, p99Us: amount }).nullable(),
  histogram: z.strictObject({ unit: z.literal('ns'), count, encoded: z.base64() }),
});

const timeline = z.array(
  z.strictObject({
    arm: z.enum(['direct', 'proxy']),
    atMs: amount,
    durationMs: amount,
    requests: count,
    failed: count,
    p50Us: amount.nullable(),
    p99Us: amount.nullable(),
    maxUs: amount.nullable(),
    lagP99Us: amount,
    stealFraction: fraction,
    othersFraction: fraction,
  }),
);

const load = z.strictObject({
  kind: z.literal('load'),
  ...head,
  load: offered,
  targetLatencyUs: amount.nullable(),
  direct: figures,
  proxy: figures,
  timeline,
});

const sweep = z.strictObject({
  kind: z.literal('sweep'),
  ...head,
  connections: z.int().min(1),
  arrivals,
  capacityPerSecond: amount,
  steps: z.array(
    z.strictObject({
      ratePerSecond: amount,
      ofCapacity: amount,
      figures,
      p50Us: amount.nullable(),
      p99Us: amount.nullable(),
      passes: count,
      held: z.boolean(),
      driverLate: z.boolean(),
    }),
  ),
  knee: z
    .strictObject({
      ratePerSecond: amount,
      beyondPerSecond: amount.nullable(),
      baseP99Us: amount,
      limitP99Us: amount,
    })
    .nullable(),
});

const handles = z
  .strictObject({
    clientSockets: count,
    upstreamSockets: count,
    otherSockets: count,
    descriptors: count,
  })
  .nullable();

const soak = z.strictObject({
  kind: z.literal('soak'),
  ...head,
  load: offered,
  maxMemoryBytes: amount,
  proxy: figures,
  timeline,
  readings: z.array(
    z.strictObject({
      atMs: amount,
      requests: count,
      heldBytes: amount.nullable(),
      rssBytes: amount,
      settledRssBytes: amount,
    }),
  ),
  leak: z.strictObject({
    verdict: z.enum(['leak', 'no-leak', 'cannot-tell']),
    of: z.enum(['held', 'rss']),
    bytesPerRequest: z.number().nullable(),
    interval: interval.nullable(),
    level: amount,
    leastBytesPerRequest: amount,
    readings: count,
    rssBytesPerRequest: z.number().nullable(),
  }),
  memory: z.strictObject({
    idleRssBytes: amount,
    largestRssBytes: amount,
    within: z.boolean(),
  }),
  handles: z.strictObject({ before: handles, during: handles, after: handles }),
});

const saturation = z.strictObject({
  kind: z.literal('saturation'),
  ...head,
  steps: z.array(
    z.strictObject({
      name: z.string(),
      connections: z.int().min(1),
      requests: count,
      requestsPerSecond: amount,
      serviceP50Ms: amount,
      serviceP99Ms: amount,
      serviceMaxMs: amount,
      failures: counts,
    }),
  ),
});

/** A load report of any kind. Unknown keys are refused: they belong to another version. */
export const loadReportSchema: z.ZodType<AnyLoadReport> = z.discriminatedUnion('kind', [
  load,
  sweep,
  soak,
  saturation,
]);

/** The schema as JSON Schema 2020-12. */
export function publishedLoadSchema(): object {
  return {
    $id: 'hopmark-load-report-1',
    title: 'Hopmark load report, schema version 1',
    ...z.toJSONSchema(loadReportSchema),
  };
}
