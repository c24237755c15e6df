/**
 * Proxies that run already, given by URL: what has to be known about them before they are measured,
 * and what a report has to say of them.
 */
import { reachesOrigin } from '../conformance/reaches-origin.ts';
import { HopmarkError } from '../model/error.ts';
import type { Warning } from '../model/warning.ts';
import {
  formatAddress,
  isUrl,
  type LoopbackAddress,
  parseProxyUrl,
} from '../sut/loopback-address.ts';

/** Help for the option that goes with a URL. */
export const ORIGIN_HELP = 'where a proxy given by URL forwards to: hopmark listens there';

/**
 * Throws a user's HopmarkError for a URL among names that is none of this machine, or that comes
 * without the address to which it forwards.
 */
export function checkUrls(specs: readonly string[], originAt: LoopbackAddress | undefined): void {
  for (const spec of specs.filter(isUrl)) {
    const address = parseProxyUrl(spec);
    if (originAt === undefined) {
      throw new HopmarkError('user', 'no-origin', `${spec} needs --origin: where it forwards to`, {
        remedy:
          'During a run hopmark itself is the origin: stop yours and give its address, such as --origin 127.0.0.1:9000.',
      });
    }
    if (address.port !== originAt.port) continue;
    throw new HopmarkError('user', 'bad-address', `${spec} cannot be its own origin`, {
      remedy: '--origin is where the proxy forwards to, not where it listens.',
    });
  }
}

const ARRIVAL_BOUND_MS = 5000;

/** Rejects with a HopmarkError if a request to a proxy does not arrive where it should. */
export async function assertForwardsTo(spec: string, originAt: LoopbackAddress): Promise<void> {
  const where = formatAddress(originAt);
  let arrived: boolean;
  try {
    arrived = await reachesOrigin(parseProxyUrl(spec), originAt, ARRIVAL_BOUND_MS);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the origin cannot listen on ${where}: ${why}`;
    throw new HopmarkError('user', 'origin-in-use', message, {
      cause,
      remedy:
        'Stop what listens there: during a run hopmark is itself the origin that the proxy forwards to.',
    });
  }
  if (arrived) return;
  throw new HopmarkError(
    'user',
    'other-origin',
    `a request sent to ${spec} did not arrive at ${where}`,
    { remedy: '--origin has to be the address to which the proxy forwards.' },
  );
}

/** What is to be doubted about figures of proxies given by URL. */
export function urlWarnings(reference: string, candidate: string): readonly Warning[] {
  return [...new Set([reference, candidate])].filter(isUrl).map((spec) => ({
    code: 'same-process',
    message:
      `${spec} is one process that served all rounds${spec === reference ? ', and its twin too' : ''}: ` +
      'what differs from one start to the next is in none of its figures. It is not pinned to a CPU, and its CPU time and memory are not known.',
  }));
}
