/**
 * The repository gates itself: this checkout against the nearest ancestor on main that is not the
 * commit checked out. On a branch that is where it left main; on main itself the commit before.
 *
 *   node scripts/gate.ts [OPTIONS OF hopmark gate]
 */
import { spawnSync } from 'node:child_process';
import { main } from '../harness/cli/main.ts';

const options = process.argv.slice(2);
const chosen = options.some((option) => /^--against(=|$)/.test(option));
const against = chosen ? [] : ['--against', nearestAncestor()];
process.exitCode = await main([process.execPath, 'hopmark', 'gate', ...against, ...options]);

function nearestAncestor(): string {
  const head = revision('rev-parse', 'HEAD');
  const forks = ['main', 'origin/main'].map((branch) => revision('merge-base', 'HEAD', branch));
  return forks.find((fork) => fork !== null && fork !== head) ?? 'HEAD~1';
}

/** What git answers, or null if it has no answer. */
function revision(...args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
