/**
 * What the optimized proxy holds in memory for each of its parts, in bytes, JavaScript heap and
 * buffers together: everything that a part keeps is made once, and what the process holds after a
 * collection is read before and after. Prints one JSON object.
 *
 *   node scripts/phase-memory.ts
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../harness/model/random.ts';
import { patternsFrom } from '../harness/scenarios/components/pattern-operands.ts';
import { BufferPool } from '../impls/optimized/buffer-pool.ts';
import { HitCounter } from '../impls/optimized/counters.ts';
import { DecisionCache } from '../impls/optimized/decision-cache.ts';
import { PatternCache } from '../impls/optimized/pattern-cache.ts';
import { compilePolicy } from '../impls/optimized/snapshot.ts';
import { createPolicy } from '../impls/policy/load.ts';
import type { Policy } from '../impls/policy/policy.ts';

const PATTERNS = 1000;
const RULES = 100;
const BUFFER_BYTES = [256, 512, 1024, 4096, 8192, 16_384];
const MOST_BUFFERS = 4096;

/** Takes and gives back more buffers of each tier than the pool keeps. */
function fullPool(): BufferPool {
  const pool = new BufferPool();
  for (const bytes of BUFFER_BYTES) {
    const taken = Array.from({ length: MOST_BUFFERS }, () => pool.take(bytes));
    for (const buffer of taken) pool.give(buffer);
  }
  return pool;
}

/** Every pattern compiled and used twice, after which V8 has made machine code of it. */
function fullPatternCache(): PatternCache {
  const cache = new PatternCache();
  for (const { pattern, path } of patternsFrom(0, PATTERNS, createRandom(1))) {
    const compiled = cache.get(pattern);
    for (let time = 0; time < 2; time += 1) compiled.test(path);
  }
  return cache;
}

/** As many paths as it holds, each seen twice. */
function fullDecisionCache(): DecisionCache<object> {
  const decision = {};
  const cache = new DecisionCache<object>(() => decision, new HitCounter());
  for (let key = 0; key < 4096; key += 1) {
    for (let time = 0; time < 2; time += 1) cache.get(`GET /a/path/of/usual/length/${key}`);
  }
  return cache;
}

function policyOfRules(): Policy {
  const response = { statusCode: 403, body: '', headers: {} };
  const rules = patternsFrom(0, RULES, createRandom(2)).map(({ pattern }, i) => ({
    ...{ name: `rule-${i}`, response },
    match: { path: { patterns: [pattern] } },
  }));
  return { ...createPolicy(), drop: { default: false, rules } };
}

const policy = policyOfRules();
const patterns = new PatternCache();
compilePolicy(policy, patterns, null);

const HELD: Readonly<Record<string, () => object>> = {
  'pattern-cache': fullPatternCache,
  'decision-cache': fullDecisionCache,
  // Positions in bytes that are there anyway.
  'header-ranges': () => ({}),
  pools: fullPool,
  // Its patterns are the cache's.
  snapshot: () => compilePolicy(policy, patterns, null),
};

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

function heldBytes(): number {
  if (typeof collect !== 'function') throw new Error('there is no way to collect garbage');
  for (let time = 0; time < 3; time += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const kept: object[] = [];
const result: Record<string, number> = {};
for (const [part, make] of Object.entries(HELD)) {
  const before = heldBytes();
  kept.push(make());
  result[part] = Math.max(0, heldBytes() - before);
}
if (kept.length === 0) throw new Error('nothing was kept');
console.log(JSON.stringify(result));
