/** What the schemas of both kinds of report have in common. */
import { z } from 'zod';
import type { Environment } from '../model/environment.ts';
import { METRIC_NAMES, type MetricName } from '../model/metric.ts';
import type { ArmConformance, Interval, ScenarioReference } from '../model/report.ts';
import type { Warning } from '../model/warning.ts';

export const metricNameSchema: z.ZodType<MetricName> = z.enum(METRIC_NAMES);

export const intervalSchema: z.ZodType<Interval> = z.tuple([z.number(), z.number()]).readonly();

export const warningSchema: z.ZodType<Warning> = z.strictObject({
  code: z.string(),
  message: z.string(),
});

export const toolSchema: z.ZodType<{ readonly name: 'hopmark'; readonly version: string }> =
  z.strictObject({ name: z.literal('hopmark'), version: z.string() });

export const environmentSchema: z.ZodType<Environment> = z.strictObject({
  cpuModel: z.string(),
  cpuCount: z.int().min(1),
  memoryBytes: z.number().min(0),
  os: z.string(),
  node: z.string(),
  v8: z.string(),
  commit: z.string().nullable(),
  dirty: z.boolean(),
  stealFraction: z.number().min(0).nullable(),
  fingerprint: z.string(),
});

export const scenarioReferenceSchema: z.ZodType<ScenarioReference> = z.strictObject({
  name: z.string(),
  title: z.string(),
  hash: z.string(),
});

export const policyReferenceSchema: z.ZodType<{ readonly file: string; readonly rules: number }> =
  z.strictObject({ file: z.string(), rules: z.int().min(0) });

export const conformanceSchema: z.ZodType<ArmConformance> = z.strictObject({
  scope: z.enum(['fast', 'full']),
  passed: z.int().min(0),
  failed: z.int().min(0),
  skipped: z.array(z.strictObject({ case: z.string(), reason: z.string() })),
});
