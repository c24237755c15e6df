/**
 * Request heads of a given number of fields, each head different: what browsers send, and for the
 * large ones what applications add to it (cookies, a token, trace and feature fields). Made up.
 */
import { createRandom, type Random } from '../../model/random.ts';
import type { Field } from '../../model/scenario.ts';
import { encodeRequest } from '../exchange.ts';
import { inventWord } from '../words.ts';

const HOST = 'www.example.com';
const NO_BODY = Buffer.alloc(0);

/** A GET of `target` with so many fields, Host among them; at least 4. */
export function headOf(target: string, fieldCount: number, random: Random): Buffer {
  const fields = [...USUAL, ...applicationFields(fieldCount, random)].slice(0, fieldCount - 2);
  // Of this hop, so that there is always something to leave behind.
  const all: Field[] = [['Connection', 'keep-alive'], ...fields];
  return encodeRequest('GET', target, { host: HOST }, all, NO_BODY).requestBytes;
}

/** A path of three words and a number. */
export function targetOf(random: Random): string {
  const words = [inventWord(random), inventWord(random), inventWord(random)];
  return `/${words.join('/')}/${random.below(1_000_000)}`;
}

const USUAL: readonly Field[] = [
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  ],
  ['Accept', 'application/json, text/plain, */*'],
  ['Accept-Language', 'en-US,en;q=0.9'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Referer', 'http://www.example.com/items'],
  ['Sec-Fetch-Dest', 'empty'],
  ['Sec-Fetch-Mode', 'cors'],
  ['Sec-Fetch-Site', 'same-origin'],
];

/** Long values first, then as many short ones as are wanted. */
function applicationFields(count: number, random: Random): readonly Field[] {
  if (count <= USUAL.length + 2) return [];
  return [
    ['Cookie', cookies(24, random)],
    ['Authorization', `Bearer ${letters(780, random)}`],
    ['X-Forwarded-For', '198.51.100.7, 203.0.113.9'],
    ['Keep-Alive', 'timeout=5'],
    ['Traceparent', `00-${letters(32, random)}-${letters(16, random)}-01`],
    ['Baggage', cookies(8, random)],
    ...Array.from(
      { length: count },
      (_, i): Field => [`X-${inventWord(random)}-${i}`, letters(12 + random.below(60), random)],
    ),
  ];
}

function cookies(count: number, random: Random): string {
  return Array.from(
    { length: count },
    () => `${inventWord(random)}=${letters(20 + random.below(60), random)}`,
  ).join('; ');
}

/** A part of one long text, since thousands of letters are wanted. */
function letters(count: number, random: Random): string {
  const from = random.below(LETTERS.length - count);
  return LETTERS.slice(from, from + count);
}

const LETTERS = base64Letters(65_536);

function base64Letters(bytes: number): string {
  const random = createRandom(1);
  return Buffer.from(Array.from({ length: bytes }, () => random.uint32() & 0xff)).toString(
    'base64url',
  );
}
