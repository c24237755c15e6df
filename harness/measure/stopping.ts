/** The end of proxies after a measurement, as an operator would end them. */
import type { Warning } from '../model/warning.ts';
import type { SystemUnderTest } from '../sut/launch.ts';

/** Stops them with SIGTERM; one that does not end well is a doubt about it. */
export async function stopProxies(suts: readonly SystemUnderTest[]): Promise<readonly Warning[]> {
  const exits = await Promise.all(suts.map(async (sut) => ({ sut, exit: await sut.terminate() })));
  return exits.flatMap(({ sut, exit }) => {
    if (exit.killed) {
      const message = `${sut.label} did not end on SIGTERM and was killed.`;
      return [{ code: 'killed-at-stop', message }];
    }
    if (exit.exitCode === 0) return [];
    const how = exit.signal ?? `code ${exit.exitCode ?? 'unknown'}`;
    return [{ code: 'failed-at-stop', message: `${sut.label} ended on SIGTERM with ${how}.` }];
  });
}
