/**
 * The cases once more, every message sent byte by byte from both sides: how bytes are cut into
 * packets must change nothing.
 */
import { expect, test } from 'vitest';
import baseline from '../../impls/baseline/index.ts';
import {
  CONFORMANCE_CASES,
  type ConformanceCase,
  type Exchange,
} from '../../impls/conformance/index.ts';
import optimized from '../../impls/optimized/index.ts';
import { failuresInProcess } from './in-process.ts';

/** Longer messages are sent as they are: their heads are like those of the others. */
const LONGEST_BYTES = 3000;

test.each([optimized, baseline])('$name behaves alike however bytes are cut', async (proxy) => {
  const skipped = new Set(proxy.skips?.map((skip) => skip.case));
  const cases = CONFORMANCE_CASES.filter((one) => isUntimed(one) && !skipped.has(one.id));
  const failures = await failuresInProcess(
    { ...proxy, skips: [] },
    { cases: cases.map((one) => ({ ...one, exchange: cutUp(one.exchange) })), waitMs: 5000 },
  );
  expect(failures).toEqual([]);
});

/** Sending byte by byte takes longer than short limits allow. */
function isUntimed({ policy, family }: ConformanceCase): boolean {
  const { headTimeout, firstByteTimeout } = policy?.limits ?? {};
  return headTimeout === undefined && firstByteTimeout === undefined && family !== 'drain';
}

function cutUp(exchange: Exchange): Exchange {
  const { client, origin } = exchange;
  return {
    ...exchange,
    client: client.map(cutSend),
    ...(origin === undefined
      ? {}
      : { origin: origin.map((answer) => ({ ...answer, steps: answer.steps.map(cutSend) })) }),
  };
}

function cutSend<Step extends { readonly do: string }>(step: Step): Step {
  const isLong = 'bytes' in step && lengthOf(step.bytes) > LONGEST_BYTES;
  return step.do === 'send' && !isLong ? { ...step, pieceBytes: 1 } : step;
}

function lengthOf(bytes: unknown): number {
  return typeof bytes === 'string' || bytes instanceof Uint8Array ? bytes.length : 0;
}
