/**
 * What the process that it runs in still holds once all garbage is gone. Forcing collections disturbs
 * whatever is measured meanwhile.
 */
import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import type { SettledMemory } from './child-protocol.ts';

let forced: (() => void) | null = null;

/** V8's own collector, which a flag brings out at any time. */
function collector(): () => void {
  if (forced === null) {
    v8.setFlagsFromString('--expose-gc');
    const found: unknown = vm.runInNewContext('gc');
    if (typeof found !== 'function') throw new Error('this Node cannot force a collection');
    forced = () => {
      found();
    };
  }
  return forced;
}

/** Collects, lets finalizers run, collects what they let go, and reads. */
export async function readSettledMemory(): Promise<SettledMemory> {
  const rssBytes = process.memoryUsage.rss();
  const collect = collector();
  collect();
  await setImmediate();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { rssBytes, heldBytes: heapUsed + external, settledRssBytes: rss };
}
