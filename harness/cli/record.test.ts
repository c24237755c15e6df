import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const file = (name: string, text: string): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

const LOG = [
  'h - - [d] "GET /shop?page=1&token=s3cret HTTP/1.1" 200 900 "https://www.example.com/" "B/1"',
  'h - - [d] "GET /shop?page=1&token=other HTTP/1.1" 304 0 "-" "B/1"',
  'h - - [d] "POST /cart HTTP/1.1" 303 20 "-" "B/1"',
  'not a request',
  '',
].join('\n');

describe('a recorded log', () => {
  test('becomes a scenario that the other commands take', async () => {
    const recorded = await runCli(['record', file('shop.log', LOG)], { cwd: folder.path });
    expect(recorded).toMatchObject({ exitCode: 0, leftBehind: [] });
    expect(recorded.stdout).toMatchInlineSnapshot(`
      "shop: 3 requests, 3 distinct  (access log, common or combined format)

        methods   GET 2, POST 1
        statuses  200 1, 303 1, 304 1
        left out  1 that cannot be read
                  4: not a request
        redacted  0 header fields, 2 targets and URLs with secrets in their query

      Written to shop.scenario.json. Use it with --scenario ./shop.scenario.json
      "
    `);
    const text = readFileSync(join(folder.path, 'shop.scenario.json'), 'utf8');
    expect(text).not.toContain('s3cret');
    const load = await runCli(
      [
        'load',
        'optimized',
        '--smoke',
        '--rate',
        '300',
        '--json',
        '--quiet',
        '--scenario',
        './shop.scenario.json',
      ],
      { cwd: folder.path },
    );
    const report = JSON.parse(load.stdout);
    expect(report.scenario.name).toBe('shop');
    expect(report.proxy).toMatchObject({ requests: 300, answered: 300, failures: {} });
  });

  test('is described by one JSON document', async () => {
    const args = ['record', file('json.log', LOG), '--output', join(folder.path, 'out.json')];
    const result = await runCli([...args, '--name', 'renamed', '--json', '--quiet']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      schemaVersion: 1,
      name: 'renamed',
      format: 'combined',
      requests: 3,
      unreadable: { count: 1, examples: [{ number: 4, beginning: 'not a request' }] },
      redacted: { fields: 0, queryValues: 2 },
    });
  });

  test('does not replace a scenario unless it is told to', async () => {
    const log = file('twice.log', LOG);
    const args = ['record', log, '--output', join(folder.path, 'twice.json'), '--quiet'];
    expect((await runCli(args)).exitCode).toBe(0);
    const second = await runCli(args);
    expect(second.stderr).toMatch(/twice\.json is there already[\s\S]*--force/);
    expect(second).toMatchObject({ exitCode: 2, stdout: '' });
    expect((await runCli([...args, '--force'])).exitCode).toBe(0);
  });

  test('that cannot be written is an error of the machine', async () => {
    const blocked = file('a-file', '');
    const args = ['record', file('w.log', LOG), '--output', join(blocked, 'out.json'), '--quiet'];
    const result = await runCli(args);
    expect(result).toMatchObject({ exitCode: 4, stdout: '' });
    expect(result.stderr).toContain('a-file');
  });
});

test.each([
  ['prose', 'Once upon a time.', [], /no line of .* log format/],
  ['a HAR file that breaks off', '{"log":{"entries":[{', [], /breaks off in the middle/],
  ['a limit of none', LOG, ['--limit', '0'], /whole number from 1/],
  ['a size that is none', LOG, ['--max-body', 'big'], /from 1B to 16MB/],
  ['a name that is none', LOG, ['--name', 'My Shop'], /lower-case letters/],
  ['a host that is not there', LOG, ['--host', 'a.example'], /no request to a\.example/],
])('%s is refused', async (_, content, args, message) => {
  const result = await runCli(['record', file('bad', content), ...args], { cwd: folder.path });
  expect(result.stderr).toMatch(message);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
});
