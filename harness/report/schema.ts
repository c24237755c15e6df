/**
 * Reads a stored report back, and refuses what is not one. The same schema is published as
 * `docs/report.schema.json`. It checks shapes, not figures: nobody's arithmetic is done again.
 */
import { z } from 'zod';
import type { MetricName } from '../model/metric.ts';
import { REPORT_SCHEMA_VERSION, type ReportDocument } from '../model/report.ts';
import { attributionSchema } from './attribution-schema.ts';
import { type DocumentKind, parseDocument, parseJson } from './parse-document.ts';
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

const unit = z.enum(['us', 'requests/s', 'bytes', 'fraction']);
const fraction = z.number().min(0);
const verdict = z.enum(['improved', 'unchanged', 'regressed', 'inconclusive']);
// JSON has no undefined, so a key that is there has a value; zod's type does not say so.
const figures = z.partialRecord(metricName, z.number()) as z.ZodType<
  Partial<Record<MetricName, number>>
>;
const reasons = z.partialRecord(metricName, z.string()) as z.ZodType<
  Partial<Record<MetricName, string>>
>;

const armMetric = z.strictObject({
  scenario: z.string(),
  metric: metricName,
  unit,
  value: z.number().nullable(),
  interval: interval.nullable(),
  reason: z.string().exactOptional(),
});

const arm = z.strictObject({
  id: z.string(),
  role: z.enum(['direct', 'reference', 'twin', 'candidate', 'floor']),
  name: z.string(),
  kind: z.string(),
  version: z.string().nullable(),
  tier: z.enum(['forwarding', 'strict', 'policy']).nullable(),
  conformance: conformanceSchema.nullable(),
  metrics: z.array(armMetric),
});

const comparison = z.strictObject({
  scenario: z.string(),
  metric: metricName,
  unit,
  better: z.enum(['lower', 'higher']),
  primary: z.boolean(),
  reference: z.number().nullable(),
  candidate: z.number().nullable(),
  ratio: z.number().positive().nullable(),
  ratioInterval: interval.nullable(),
  level: z.number().gt(0).lt(1),
  threshold: fraction.nullable(),
  minimumEffect: fraction.nullable(),
  noiseFloor: fraction.nullable(),
  detectable: fraction.nullable(),
  verdict: verdict.nullable(),
  reason: z.string().exactOptional(),
});

const armWithReason = z.strictObject({ arm: z.string(), reason: z.string() });

const ranking = z.strictObject({
  tier: z.enum(['forwarding', 'strict', 'policy']),
  orders: z.array(
    z.strictObject({
      scenario: z.string(),
      metric: metricName,
      error: z.number().gt(0).lt(1),
      leastRounds: z.int().min(1),
      places: z.array(
        z.strictObject({ arm: z.string(), best: z.int().min(1), worst: z.int().min(1) }),
      ),
      missing: z.array(armWithReason),
    }),
  ),
  against: z.array(z.strictObject({ arm: z.string(), comparisons: z.array(comparison) })),
  unranked: z.array(armWithReason),
  leftOut: z.array(
    z.strictObject({ name: z.string(), version: z.string().nullable(), reason: z.string() }),
  ),
  judged: z.boolean(),
});

const round = z.strictObject({
  index: z.int().min(0),
  scenario: z.string(),
  startedAtMs: z.number(),
  durationMs: z.number(),
  arms: z.record(
    z.string(),
    z.strictObject({
      values: figures,
      unavailable: reasons,
      requests: z.int().min(0),
      busyFraction: z.number().nullable(),
    }),
  ),
  signals: z.strictObject({
    stealFraction: fraction.nullable(),
    cycles: z.int().min(0),
    cyclesDiscarded: z.int().min(0),
    unsettledWaits: z.int().min(0),
    warmUpBlocks: z.int().min(0),
    steady: z.boolean(),
  }),
  warnings: z.array(warning),
});

/** The report document, schema version 1. Unknown keys are refused: they belong to another version. */
const reportSchema: z.ZodType<ReportDocument> = z.strictObject({
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  tool: toolSchema,
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().min(0),
    seed: z.int(),
    command: z.string(),
    rounds: z.int().min(0),
  }),
  environment: environmentSchema,
  scenarios: z.array(scenarioReferenceSchema),
  policy: policyReferenceSchema,
  arms: z.array(arm),
  comparisons: z.array(comparison),
  controls: z.array(comparison),
  ranking: ranking.exactOptional(),
  calibration: z
    .strictObject({
      measuredAt: z.iso.datetime(),
      implementation: z.string(),
      scenario: z.string(),
      rounds: z.int().min(0),
      budgetMs: z.number().positive(),
      gates: z.int().min(0),
      falseAlarms: z.int().min(0),
      inconclusive: z.int().min(0),
    })
    .exactOptional(),
  sequence: z.strictObject({
    looks: z.array(z.strictObject({ rounds: z.int().min(0), error: z.number().min(0).max(1) })),
    confirmation: z.strictObject({ after: z.int().min(0), rounds: z.int().min(1) }).nullable(),
  }),
  targets: z.array(
    z.strictObject({
      name: z.string(),
      scenario: z.string(),
      metric: metricName,
      unit,
      limit: z.number(),
      observed: z.number().nullable(),
      interval: interval.nullable(),
      verdict: z.enum(['met', 'missed', 'inconclusive']),
      leastDisturbed: z.number().exactOptional(),
    }),
  ),
  rounds: z.array(round),
  histograms: z.array(
    z.strictObject({
      arm: z.string(),
      scenario: z.string(),
      metric: z.literal('hop'),
      unit: z.literal('ns'),
      count: z.int().min(0),
      encoded: z.base64(),
    }),
  ),
  timeline: z.array(
    z.strictObject({
      atMs: z.number(),
      stealFraction: fraction.nullable(),
      unsettledWaits: z.int().min(0),
    }),
  ),
  attribution: attributionSchema.exactOptional(),
  validity: z.strictObject({
    valid: z.boolean(),
    complete: z.boolean(),
    discarded: z.int().min(0),
    warnings: z.array(warning),
  }),
  verdict,
});

/** The schema as JSON Schema 2020-12, as `docs/report.schema.json` publishes it. */
export function publishedSchema(): object {
  return {
    $id: 'hopmark-report-1',
    title: 'Hopmark report document, schema version 1',
    ...z.toJSONSchema(reportSchema),
  };
}

/** What a stored comparison has to be. */
export const REPORT_KIND: DocumentKind<ReportDocument> = {
  schema: reportSchema,
  version: REPORT_SCHEMA_VERSION,
};

/**
 * A stored report from its text. `path` is named in the error. Throws a user's HopmarkError:
 * `report-corrupt` for text that is no JSON or no report, `report-newer` for a schema version that
 * this version of Hopmark does not know.
 */
export function parseReport(text: string, path: string): ReportDocument {
  return parseDocument(parseJson(text, path), path, REPORT_KIND);
}
