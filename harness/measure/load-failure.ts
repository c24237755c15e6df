/**
 * What a failed request comes from: a proxy that died, an origin that died, a policy that drops it,
 * or the answer itself.
 */
import type { LoadError } from '../drivers/load-error.ts';
import { HopmarkError } from '../model/error.ts';
import type { SystemUnderTest } from '../sut/launch.ts';
import type { OriginProcess } from '../sut/origin-process.ts';

/** A process that has just died may still be seen as alive for this long. */
const EXIT_GRACE_MS = 300;

/** Rejects with the HopmarkError that says why a request failed; `sut` is null for the origin. */
export async function explainFailure(
  error: LoadError,
  sut: SystemUnderTest | null,
  origin: OriginProcess,
): Promise<never> {
  const exit = sut?.exited ?? new Promise<void>(() => {});
  await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, EXIT_GRACE_MS))]);
  sut?.assertAlive();
  origin.assertAlive();
  // An answer that the policy made may have the right status and still be another.
  if (sut !== null && error.code === 'wrong-answer') {
    const counters = await sut.counters();
    if (counters !== null && counters.dropped > 0) throw droppedByPolicy(error);
  }
  throw error;
}

function droppedByPolicy(cause: LoadError): HopmarkError {
  return new HopmarkError(
    'user',
    'policy-drops',
    `The policy drops requests of the scenario: ${cause.message}`,
    {
      cause,
      remedy: 'A run needs all of them answered: use another --policy or --scenario.',
    },
  );
}
