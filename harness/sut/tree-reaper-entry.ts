/**
 * Ends what is left of a tree whose keeper is gone: `tree-reaper-entry TREE-ID SINCE-TICKS`. A guard
 * turns into it (`tree-guard.ts`).
 */
import { ProcessTree } from './process-tree.ts';

const [, , id, sinceTicks] = process.argv;
if (id === undefined || sinceTicks === undefined) throw new Error('expected TREE-ID SINCE-TICKS');

await new ProcessTree(id, Number(sinceTicks)).end();
