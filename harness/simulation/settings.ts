/**
 * The settings under which gates are simulated: the noise that was measured, and each kind of
 * disturbance by itself, stronger than it was seen.
 */
import type { NoiseModel } from './noise-model.ts';

/** What fresh processes of the optimized proxy scatter by on two shared cores. */
const MEASURED_SD = {
  'hop-p50': 0.0045,
  'cpu-per-request': 0.009,
  'allocated-per-request': 0.005,
} as const;

/** A shared machine in an ordinary hour. */
export const AS_MEASURED: NoiseModel = {
  name: 'as measured',
  processSd: MEASURED_SD,
  tail: 'normal',
  roundSd: 0.05,
  driftARound: 0,
  correlation: 0,
  // One process in eight allocates 5 % more: its compiler inlined another way through Node's streams.
  outlier: { probability: 0.12, size: 0.05, metrics: ['allocated-per-request'] },
  stolen: { probability: 0, mean: 0 },
  firstPays: 0,
  crossTalk: 0,
};

/** All settings, the measured one first. */
export const SETTINGS: readonly NoiseModel[] = [
  AS_MEASURED,
  {
    ...AS_MEASURED,
    name: 'a loud hour',
    // Measured too, on another machine: neighbours that double a request's time for milliseconds.
    processSd: { 'hop-p50': 0.01, 'cpu-per-request': 0.013, 'allocated-per-request': 0.01 },
    outlier: { probability: 0.33, size: 0.06, metrics: ['allocated-per-request'] },
  },
  { ...AS_MEASURED, name: 'heavy tails', tail: 'heavy' },
  { ...AS_MEASURED, name: 'drift', driftARound: 0.03 },
  { ...AS_MEASURED, name: 'autocorrelated rounds', correlation: 0.3 },
  { ...AS_MEASURED, name: 'stolen time', stolen: { probability: 0.3, mean: 0.03 } },
  { ...AS_MEASURED, name: 'positional bias', firstPays: 0.03 },
  {
    ...AS_MEASURED,
    name: 'outliers',
    outlier: {
      probability: 0.05,
      size: 0.05,
      metrics: ['hop-p50', 'cpu-per-request', 'allocated-per-request'],
    },
  },
  { ...AS_MEASURED, name: 'cross-talk', crossTalk: 0.1 },
  {
    ...AS_MEASURED,
    name: 'three times the noise',
    processSd: {
      'hop-p50': 0.0135,
      'cpu-per-request': 0.027,
      'allocated-per-request': 0.006,
    },
  },
  {
    ...AS_MEASURED,
    name: 'eight metrics',
    processSd: {
      ...MEASURED_SD,
      'hop-p90': 0.008,
      'hop-cold-p50': 0.012,
      'overhead-p50': 0.008,
      'loaded-request-time': 0.01,
      'memory-rss': 0.006,
    },
  },
];
