import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../harness/cli/version.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopmark-action-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = readFileSync(join(packageRoot(), 'action.yml'), 'utf8');
const action = parse(text);

interface Step {
  readonly name: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const steps: readonly Step[] = action.runs.steps;

describe('the action', () => {
  test('is composite, and each of its steps is a program or another action', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, uses, shell } of steps) {
      expect([run, uses].filter((one) => one !== undefined)).toHaveLength(1);
      if (run !== undefined) expect(shell).toBe('bash');
    }
  });

  test('uses the inputs that it declares, and no others', () => {
    const used = new Set(Array.from(text.matchAll(/inputs\.([\w-]+)/g), ([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test('puts nothing of a pull request into a program’s text, where it would be run', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  test('has programs that bash reads, and a last step that gives the gate’s verdict', () => {
    for (const { run } of steps) {
      if (run === undefined) continue;
      expect(spawnSync('bash', ['-n', '-c', run], { encoding: 'utf8' }).stderr).toBe('');
    }
    const verdict = (code: string): number | null =>
      spawnSync('bash', ['-c', steps.at(-1)?.run ?? ''], { env: { ...process.env, CODE: code } })
        .status;
    expect(['0', '1', '3'].map(verdict)).toEqual([0, 1, 3]);
  });
});

describe('the comment', () => {
  let runs = 0;
  /** Runs the script with a `gh` that answers as told, and says what it was asked. */
  function comment(report: string | null, gh: { readonly list: string; readonly write: string }) {
    runs += 1;
    const place = join(folder, String(runs));
    spawnSync('mkdir', [place]);
    const file = join(place, 'report.md');
    if (report !== null) writeFileSync(file, report);
    const fake = join(place, 'gh');
    writeFileSync(
      fake,
      `#!/bin/bash
for one in "$@"; do case "$one" in body=@*) cp "\${one#body=@}" ${place}/sent ;; esac; done
if [[ "$*" == *--method* ]]; then echo "$*" >> ${place}/asked; ${gh.write}; else ${gh.list}; fi
`,
    );
    chmodSync(fake, 0o755);
    const script = join(packageRoot(), 'scripts', 'comment.sh');
    const { status, stdout } = spawnSync('bash', [script, file, 'owner/repo', '7'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${place}:${process.env.PATH}` },
    });
    const read = (name: string): string =>
      existsSync(join(place, name)) ? readFileSync(join(place, name), 'utf8') : '';
    return { status, stdout, asked: read('asked'), sent: read('sent') };
  }

  test('is written the first time', () => {
    const { status, asked, sent } = comment('## Unchanged\n', { list: 'true', write: 'true' });
    expect(status).toBe(0);
    expect(asked).toContain('--method POST repos/owner/repo/issues/7/comments');
    expect(sent).toBe('<!-- hopmark report -->\n## Unchanged\n');
  });

  test('is brought up to date from then on', () => {
    const { status, asked } = comment('## Unchanged\n', { list: 'echo 42', write: 'true' });
    expect(status).toBe(0);
    expect(asked).toContain('--method PATCH repos/owner/repo/issues/comments/42');
  });

  test('is cut at a line’s end where it is too long for GitHub, and says so', () => {
    const report = Array.from({ length: 9000 }, (_, at) => `| row ${at} | µs |\n`).join('');
    const { sent } = comment(report, { list: 'true', write: 'true' });
    expect(sent.length).toBeLessThan(65_536);
    expect(sent).toMatch(/\| row \d+ \| µs \|\n\n\nThe rest is in the artifact of the run\.\n$/);
  });

  test.each([
    ['read', { list: 'exit 1', write: 'true' }, /cannot be read/],
    ['write', { list: 'true', write: 'exit 1' }, /No comment can be written/],
  ])('that a token may not %s is no failure', (_what, gh, notice) => {
    const { status, stdout } = comment('## Unchanged\n', gh);
    expect(status).toBe(0);
    expect(stdout).toMatch(notice);
  });

  test('of no report is none', () => {
    expect(comment(null, { list: 'true', write: 'true' })).toMatchObject({ status: 0, asked: '' });
  });
});
