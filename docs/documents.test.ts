import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = globSync(['*.md', '{docs,examples,reports,baselines}/*.md'], { cwd: root });
const manifest: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
/** A path in code quotes: begins with one of our top folders, or is a file of the root. */
const PATH =
  /`((?:bin|impls|harness|server|baselines|docs|examples|benchmarks|scripts|runtime|peers|\.ci)\/[\w./-]*|[A-Z]+\.md)`/g;
const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)/g;
const SCRIPT = /npm (?:run )?(test|compare|check|fix|[\w-]+:[\w:-]+)\b/g;
const COMMAND = /hopmark (?:-- )?([a-z]+)\b(?= |`|$)/gm;

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

test.each(documents)('%s names only files that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const missing = matches(text, PATH).filter((path) => !existsSync(join(root, path)));
  const folder = dirname(join(root, document));
  const broken = matches(text, LINK).filter((path) => !existsSync(join(folder, path)));
  expect([...missing, ...broken]).toEqual([]);
});

test.each(documents)('%s names only npm scripts that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const unknown = matches(text, SCRIPT).filter((name) => manifest.scripts[name] === undefined);
  expect(unknown).toEqual([]);
});

test.each(documents)('%s names only commands that hopmark has', (document) => {
  const code = readFileSync(join(root, document), 'utf8').match(/```[\s\S]*?```|`[^`]+`/g) ?? [];
  const known = globSync('*.ts', { cwd: join(root, 'harness', 'cli') }).map((name) =>
    name.replace('.ts', ''),
  );
  const used = code.flatMap((block) => matches(block, COMMAND));
  expect(used.filter((name) => !known.includes(name))).toEqual([]);
});
