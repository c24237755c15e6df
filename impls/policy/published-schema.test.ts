import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadPolicy } from './load.ts';
import { publishedPolicySchema } from './published-schema.ts';

const docs = new URL('../../docs/', import.meta.url);
const page = await readFile(new URL('policy.md', docs), 'utf8');
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? '');

describe('what is published about the policy', () => {
  test('the JSON Schema is up to date (node scripts/write-schemas.ts writes it)', async () => {
    const published = await readFile(new URL('policy.schema.json', docs), 'utf8');
    expect(JSON.parse(published)).toEqual(JSON.parse(publishedPolicySchema()));
  });

  test('the examples in docs/policy.md load', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(loadPolicy(example, 'policy.md')).toBeTruthy();
  });

  test('every key is explained in docs/policy.md, with its default', () => {
    const keys: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      if ('items' in schema) walk(schema.items, path);
      if (!('properties' in schema) || typeof schema.properties !== 'object') return;
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        keys.push(key);
        if (/^limits\.|^listen\./.test(`${path}${key}`) && 'default' in value) {
          expect(page).toContain(`| \`${path}${key}\` | \`${value.default}\` |`);
        }
        walk(value, `${path}${key}.`);
      }
    };
    walk(JSON.parse(publishedPolicySchema()), '');
    expect(keys.length).toBeGreaterThan(40);
    for (const key of keys) expect(page).toContain(key);
  });
});
