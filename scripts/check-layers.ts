/**
 * Fails if a file imports from a layer that its own may not see, or if imports form a circle. The
 * table below is the architecture; ARCHITECTURE.md explains it.
 *
 *   node scripts/check-layers.ts [ROOT]
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';

/** For each layer: the layers whose files its own may import. Its own layer is always allowed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'impls/contract': ['impls/policy'],
  'impls/policy': [],
  'impls/conformance': ['impls/contract', 'impls/policy'],
  'impls/baseline': ['impls/contract', 'impls/policy'],
  'impls/optimized': ['impls/contract', 'impls/policy'],
  // Adapters of what we do not own: packages from npm by name, nothing of ours.
  'impls/external': ['impls/contract', 'impls/policy'],
  'impls/registry': [
    'impls/contract',
    'impls/policy',
    'impls/baseline',
    'impls/optimized',
    'impls/external',
  ],
  // Types of what a proxy is, nothing that runs.
  'harness/model': ['impls/contract'],
  'harness/stats': ['harness/model'],
  // The contract and policies: component scenarios drive the operations of implementations.
  'harness/scenarios': ['harness/model', 'impls/contract', 'impls/policy'],
  'harness/drivers': ['harness/model'],
  'harness/store': ['harness/model'],
  'harness/sut': ['harness/model', 'harness/scenarios', 'impls/contract', 'impls/policy'],
  // The files of sut that load implementations: they run in their process.
  'harness/sut/child-entry': [
    'harness/model',
    'harness/sut',
    'harness/sut/start-failure',
    'impls/contract',
    'impls/registry',
  ],
  'harness/sut/component-entry': [
    'harness/sut',
    'harness/sut/start-failure',
    'harness/model',
    'harness/drivers',
    'harness/scenarios',
    'impls/contract',
    'impls/registry',
  ],
  'harness/sut/start-failure': ['harness/model', 'harness/sut', 'impls/registry'],
  'harness/conformance': [
    'harness/model',
    'harness/sut',
    'harness/report',
    'impls/contract',
    'impls/conformance',
    'impls/policy',
  ],
  'harness/measure': [
    'harness/model',
    'harness/stats',
    'harness/scenarios',
    'harness/drivers',
    'harness/sut',
    'impls/contract',
    'impls/policy',
  ],
  // One implementation under open or saturating load: sessions, not rounds.
  'harness/load': [
    'harness/model',
    'harness/stats',
    'harness/scenarios',
    'harness/drivers',
    'harness/sut',
    'harness/measure',
    'impls/contract',
    'impls/policy',
  ],
  // Recorded traffic to a scenario: files in, a document out.
  'harness/recording': ['harness/model', 'impls/policy'],
  // Profiles of both sides after a measurement: processes and load, no figures of its own.
  'harness/attribution': [
    'harness/model',
    'harness/scenarios',
    'harness/drivers',
    'harness/sut',
    'impls/policy',
  ],
  'harness/verdict': ['harness/model', 'harness/stats'],
  'harness/simulation': ['harness/model', 'harness/stats', 'harness/verdict'],
  'harness/report': ['harness/model', 'harness/verdict'],
  // What is seen of a run while it goes on: events in, lines of text out.
  'harness/dashboard': ['harness/model', 'harness/report'],
  // Other checkouts of the user's repository: git and installing, nothing of measuring.
  'harness/revision': ['harness/model', 'harness/store'],
  // The package's main entry: types of the configuration file.
  'harness/config': [],
  // Production: an implementation behind a listener, with nothing of the harness.
  server: ['impls/contract', 'impls/registry', 'impls/policy'],
  'harness/cli': ['*'],
  benchmarks: ['*'],
  scripts: ['*'],
  examples: ['impls/contract'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

/** The layer of a file: the longest name in the table that is a prefix of its path. */
function layerOf(path: string): string {
  const stem = path.replace(/\.ts$/, '');
  const candidates = Object.keys(MAY_IMPORT).filter(
    (layer) =>
      stem === layer ||
      stem.startsWith(`${layer}/`) ||
      // `impls/registry-errors.ts` belongs to `impls/registry`.
      (dirname(stem) === dirname(layer) && stem.startsWith(`${layer}-`)),
  );
  return candidates.sort((a, b) => b.length - a.length)[0] ?? '';
}

function importsOf(root: string, file: string): readonly Import[] {
  const parsed = parseSync(file, readFileSync(join(root, file), 'utf8'));
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const source = readFileSync(join(root, file), 'utf8');
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ),
    ...dynamicImports.map(({ moduleRequest }) =>
      source.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    ),
  ];
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({
      from: file,
      to: relative(root, resolve(root, dirname(file), specifier)),
    }));
}

function breaches(imports: readonly Import[]): readonly string[] {
  return imports.flatMap(({ from, to }) => {
    // Tests and fixtures may use what they test against.
    if (/\.test\.ts$|\/fixtures\//.test(from)) return [];
    const [layer, target] = [layerOf(from), layerOf(to)];
    const allowed = MAY_IMPORT[layer];
    if (allowed === undefined) return [`${from} is in no layer of the table`];
    if (layer === target || allowed.includes('*') || allowed.includes(target)) return [];
    return [`${from} (${layer}) imports ${to} (${target || 'no layer'})`];
  });
}

function circles(imports: readonly Import[]): readonly string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

const root = resolve(process.argv[2] ?? '.');
const files = globSync('{impls,harness,benchmarks,scripts,examples}/**/*.ts', { cwd: root });
const imports = files.flatMap((file) => importsOf(root, file));
const problems = [...breaches(imports), ...circles(imports)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`${problems.length} breach(es) of the layering in scripts/check-layers.ts`);
  process.exitCode = 1;
}
