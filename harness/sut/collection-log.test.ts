import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { CollectionLog } from './collection-log.ts';
import { monotonicMs } from './monotonic.ts';

/** A collection on demand. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('CollectionLog', () => {
  test('notes each collection once, at its time on the shared clock', async () => {
    const log = new CollectionLog();
    log.take();
    const before = monotonicMs();
    collect();
    const after = monotonicMs();
    // Entries reach observers in a later turn of the event loop.
    const noted = [];
    while (noted.length === 0) {
      await new Promise(setImmediate);
      noted.push(...log.take());
    }
    const [first] = noted;
    expect(first?.endedAtMs).toBeGreaterThanOrEqual(before);
    expect(noted.at(-1)?.endedAtMs).toBeLessThanOrEqual(after + 1);
    expect(first?.ms).toBeGreaterThan(0);
    expect(first?.ms).toBeLessThan(after - before + 1);
  });
});
