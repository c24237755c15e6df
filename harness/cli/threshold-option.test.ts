import { expect, test } from 'vitest';
import { readThresholds } from './threshold-option.ts';

test('flags win over the config, metric by metric', () => {
  const config = { 'hop-p50': '<= +5%', 'cpu-per-request': '<= +7%' };
  expect(readThresholds(config, ['hop-p50: <= +2%', 'hop-p99:off'])).toEqual({
    'hop-p50': 0.02,
    'cpu-per-request': 0.07,
    'hop-p99': null,
  });
});

test('the same limit twice is no contradiction', () => {
  expect(readThresholds({}, ['hop-p50: <= +2%', 'hop-p50:<= +2%'])).toEqual({ 'hop-p50': 0.02 });
});

test.each([
  ['two limits for one metric', ['hop-p50: <= +2%', 'hop-p50: <= +3%'], /contradict/],
  ['no metric', ['<= +2%'], /not a threshold/],
  ['no limit', ['hop-p50:'], /not a threshold/],
  ['a metric that there is not', ['hop-p51: <= +2%'], /no metric "hop-p51"/],
  ['two names of one figure', ['throughput: >= -5%', 'loaded-request-time: <= +5%'], /reciprocal/],
])('%s is refused', (_, flags, message) => {
  expect(() => readThresholds({}, flags)).toThrow(message);
});
