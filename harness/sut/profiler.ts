/**
 * Profiles the process that it runs in, by V8's own inspector, and writes the profile to a file.
 * Loaded only in a process that is to be profiled: one that is measured holds nothing of it.
 */
import { rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

/** Time on the CPU, or allocations, those that were collected meanwhile included. */
export type ProfileKind = 'cpu' | 'heap';

const CPU_INTERVAL_US = 100;
/** Bytes from one sampled allocation to the next, on average. */
const HEAP_INTERVAL_BYTES = 8192;

let session: Session | null = null;

function connected(): Session {
  if (session === null) {
    session = new Session();
    session.connect();
  }
  return session;
}

/** Begins. One of a kind at a time. */
export async function startProfile(kind: ProfileKind): Promise<void> {
  const inspector = connected();
  if (kind === 'heap') {
    await inspector.post('HeapProfiler.startSampling', {
      samplingInterval: HEAP_INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    return;
  }
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: CPU_INTERVAL_US });
  await inspector.post('Profiler.start');
}

/** Ends what was begun and writes it to `path`, whole or not at all, as developer tools read it. */
export async function stopProfile(kind: ProfileKind, path: string): Promise<void> {
  const inspector = connected();
  const { profile } =
    kind === 'heap'
      ? await inspector.post('HeapProfiler.stopSampling')
      : await inspector.post('Profiler.stop');
  await writeFile(`${path}.tmp`, JSON.stringify(profile));
  await rename(`${path}.tmp`, path);
}
