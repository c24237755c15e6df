/**
 * Fuzzes the message reader of the optimized proxy against the parser of node:http and http-parser-js, from a
 * corpus (`impls/optimized/fixtures/fuzz/corpus.ts`). What it finds is printed shrunk, to be added there, and
 * the exit code is 1 then.
 *
 *   node scripts/fuzz.ts [--minutes 1] [--seed N]
 */
import { type Finding, type FuzzProgress, fuzz } from '../impls/optimized/fixtures/fuzz/fuzz.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: node scripts/fuzz.ts [--minutes 1] [--seed N]');
  process.exitCode = 2;
} else {
  const begun = performance.now();
  const TOLD_MS = 10_000;
  let toldAt = begun;
  let stopped = false;
  process.once('SIGINT', () => {
    stopped = true;
  });
  const findings: Finding[] = [];
  const sentence = ({ tried, accepted, compared }: FuzzProgress): string =>
    `${tried} tried, ${accepted} accepted, ${compared} compared, ${findings.length} disagreements`;
  const progress = await fuzz({
    seed,
    goesOn: (now) => {
      const at = performance.now();
      if (at - toldAt >= TOLD_MS) {
        toldAt = at;
        console.error(`${Math.round((at - begun) / 1000)} s: ${sentence(now)}`);
      }
      return !stopped && at - begun < minutes * 60_000;
    },
    onFinding: (finding) => {
      findings.push(finding);
      console.log(`${finding.kind}, ${finding.other}: ${finding.what}`);
      console.log(`  ${JSON.stringify(finding.text)}`);
    },
  });
  console.log(`seed ${seed}: ${sentence(progress)}`);
  if (findings.length > 0) process.exitCode = 1;
  else if (stopped) process.exitCode = 130;
}
