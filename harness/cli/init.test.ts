import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli, temporaryFolder } from './fixtures/run-cli.ts';
import { packageRoot } from './version.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

let made = 0;
/** A repository of a user's with these files, with this package among its modules. */
function repository(files: Readonly<Record<string, string>> = {}): string {
  made += 1;
  const root = join(folder.path, `repository-${made}`);
  mkdirSync(join(root, 'src'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(packageRoot(), join(root, 'node_modules', 'hopmark'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
  return root;
}

const text = (root: string, name: string): string => readFileSync(join(root, name), 'utf8');
const init = (root: string, ...args: readonly string[]) => runCli(['init', ...args], { cwd: root });

describe('init', () => {
  test('writes what a gate needs, for the proxy that it finds, and says what is next', async () => {
    const root = repository({ 'src/proxy.js': 'export default () => () => {};\n' });
    const result = await init(root);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('It judges ./src/proxy.js.');
    expect(result.stdout).toContain('hopmark gate --against HEAD');
    expect(text(root, 'hopmark.config.ts')).toContain('implementation: "./src/proxy.js"');
    expect(text(root, '.gitignore')).toBe('reports/\n');
    const { jobs, permissions } = parse(text(root, '.github/workflows/hopmark.yml'));
    expect(permissions).toEqual({ contents: 'read' });
    const commands = jobs.gate.steps.flatMap((step: { run?: string }) => step.run ?? []);
    expect(commands.join('\n')).toContain('npx hopmark gate --against ${{ github');
  });

  test('writes a configuration that the gate reads', async () => {
    const root = repository({ 'proxy.ts': '' });
    await init(root, '--impl', './proxy.ts');
    const gate = await runCli(['gate', '--against', 'HEAD', '--quiet'], { cwd: root });
    // It got as far as the repository, which is none.
    expect(gate.exitCode).toBe(2);
    expect(gate.stderr).toMatch(/not in a git repository|no git repository/);
  });

  test('keeps what is there, but for a line that .gitignore lacks', async () => {
    const files = { 'hopmark.config.json': '{}', '.gitignore': 'node_modules' };
    const root = repository(files);
    const result = await init(root, '--json', '--no-workflow');
    expect(JSON.parse(result.stdout)).toEqual({
      schemaVersion: 1,
      implementation: null,
      files: [
        { file: 'hopmark.config.json', done: 'kept' },
        { file: '.gitignore', done: 'added to' },
      ],
    });
    expect(text(root, '.gitignore')).toBe('node_modules\nreports/\n');
    expect(existsSync(join(root, 'hopmark.config.ts'))).toBe(false);
    expect(existsSync(join(root, '.github'))).toBe(false);
  });

  test('done twice changes nothing, and --force writes anew', async () => {
    const root = repository({ 'proxy.js': '' });
    await init(root);
    writeFileSync(join(root, 'hopmark.config.ts'), '// mine\n');
    const again = await init(root);
    expect(again.stdout.match(/kept/g)).toHaveLength(3);
    expect(text(root, 'hopmark.config.ts')).toBe('// mine\n');
    expect(text(root, '.gitignore')).toBe('reports/\n');
    await init(root, '--force');
    expect(text(root, 'hopmark.config.ts')).toContain('implementation: "./proxy.js"');
  });

  test('refuses a proxy that is not there', async () => {
    const root = repository();
    const result = await init(root, '--impl', './nowhere.ts');
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('there is no ./nowhere.ts');
    expect(existsSync(join(root, 'hopmark.config.ts'))).toBe(false);
  });
});

describe('completion', () => {
  const complete = (script: string, ...words: readonly string[]): readonly string[] => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const program = `${script}\nCOMP_WORDS=(hopmark ${quoted}); COMP_CWORD=${words.length}; _hopmark; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trimEnd().split('\n');
  };

  test('of bash knows commands, options and names', async () => {
    const { exitCode, stdout } = await runCli(['completion', 'bash']);
    expect(exitCode).toBe(0);
    expect(complete(stdout, 'co')).toEqual(['compare', 'conform', 'completion']);
    expect(complete(stdout, 'compare', '--bud')).toEqual(['--budget']);
    expect(complete(stdout, 'compare', 'optimi')).toContain('optimized');
    expect(complete(stdout, 'baseline', 'di')).toContain('diff');
    expect(complete(stdout, 'bench', 'web-m')).toContain('web-mix');
  });

  test.each(['zsh', 'fish'])('of %s names every command and option', async (name) => {
    const { stdout } = await runCli(['completion', name]);
    for (const known of ['compare', 'gate', 'soak', 'budget', 'full-conformance', 'inject'])
      expect(stdout).toContain(known);
    // An odd number of quotes would break all that follows.
    expect((stdout.match(/'/g) ?? []).length % 2).toBe(0);
  });

  test('of a shell that is not known is refused', async () => {
    const result = await runCli(['completion', 'tcsh']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/bash, zsh, fish/);
  });
});
