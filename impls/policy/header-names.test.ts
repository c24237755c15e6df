import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  FORBIDDEN_TRAILERS,
  HOP_BY_HOP_FIELDS,
  isForbiddenTrailer,
  isProtectedFromConnection,
  PROTECTED_FROM_CONNECTION,
} from './header-names.ts';

const page = (
  await readFile(new URL('../../docs/proxy-behaviour.md', import.meta.url), 'utf8')
).replace(/\s+/g, ' ');

/** The names that the page gives between two of its phrases. */
function named(from: string, to: string): string[] {
  const start = page.indexOf(from) + from.length;
  const part = page.slice(start, page.indexOf(to, start));
  return (part.match(/[A-Z0-9][A-Za-z0-9]*(-[A-Za-z0-9*]+)*/g) ?? []).map((n) => n.toLowerCase());
}

describe('the names that a proxy treats specially', () => {
  test('are those of the document: never forwarded as received', () => {
    for (const name of HOP_BY_HOP_FIELDS) expect(page.toLowerCase()).toContain(name);
    const removed = ['Connection', 'Keep-Alive', 'Proxy-Connection', 'Proxy-Authenticate'];
    const more = ['Proxy-Authorization', 'TE', 'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings'];
    expect([...HOP_BY_HOP_FIELDS]).toEqual([...removed, ...more].map((n) => n.toLowerCase()));
  });

  test('are those of the document: protected from Connection', () => {
    const names = named('Connection cannot name', ': such an option');
    expect(names.at(-1)).toBe('x-forwarded-*');
    expect(names.slice(0, -1)).toEqual(
      [...PROTECTED_FROM_CONNECTION].filter((name) => !name.startsWith('x-forwarded-')),
    );
    for (const name of PROTECTED_FROM_CONNECTION)
      expect(isProtectedFromConnection(name)).toBe(true);
    expect(isProtectedFromConnection('x-forwarded-anything')).toBe(true);
    expect(isProtectedFromConnection('x-custom')).toBe(false);
  });

  test('are those of the document: dropped from trailers', () => {
    const names = named('content description (', '). An invalid trailer');
    expect(names.at(-1)).toBe('x-forwarded-*');
    expect(names.slice(0, -1)).toEqual(
      [...FORBIDDEN_TRAILERS].filter((name) => !name.startsWith('x-forwarded-')),
    );
    expect(isForbiddenTrailer('x-forwarded-anything')).toBe(true);
    expect(isForbiddenTrailer('expires')).toBe(false);
  });
});
