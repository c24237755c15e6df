/**
 * Traffic of a WebSocket scenario: the opening handshake and masked text messages as a client writes
 * them, and the frames that come back (RFC 6455). What is sent is drawn from the seed, mask keys
 * included. It deliberately has no fragments and no control frames: a proxy passes bytes on.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createRandom, type Random } from '../model/random.ts';
import type { WebSocketScenario } from '../model/scenario.ts';
import {
  bodySource,
  type Exchange,
  encodeRequest,
  makeAnswer,
  ORDER_LENGTH,
  type Traffic,
} from './exchange.ts';

/** Distinct messages; the order goes round them. */
const MESSAGES = 64;
/** RFC 6455 1.3: what a server adds to the key before it hashes it. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
/** A length that says: the next 16 bits are the length. */
const LENGTH_FOLLOWS = 126;
const NO_BODY = Buffer.alloc(0);

/** Prepares the traffic of a WebSocket scenario; see `prepareTraffic`. */
export function prepareMessages(scenario: WebSocketScenario, seed: number): Traffic {
  const random = createRandom(seed ^ 0x3eb50c);
  const bodies = bodySource(seed);
  const { target, messageBytes } = scenario;
  const key = keyBytes(random, 16).toString('base64');
  const handshake = encodeRequest(
    'GET',
    target,
    scenario,
    [
      ...scenario.fields,
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', key],
      ['Sec-WebSocket-Version', '13'],
    ],
    NO_BODY,
  );
  const exchanges = Array.from({ length: MESSAGES }, (_, id): Exchange => {
    const payload = bodies(id, messageBytes);
    return {
      id,
      method: 'MESSAGE',
      target,
      client: 'websocket',
      requestBytes: maskedFrame(payload, keyBytes(random, 4)),
      requestBody: NO_BODY,
      framing: 'raw',
      answer: makeAnswer('MESSAGE', 200, [], echoFrame(payload)),
    };
  });
  return {
    exchanges,
    order: Uint32Array.from({ length: ORDER_LENGTH }, (_, at) => at % MESSAGES),
    opening: {
      method: 'GET',
      target,
      requestBytes: handshake.requestBytes,
      status: 101,
      fields: [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', acceptOf(key)],
      ],
    },
  };
}

/** What a server answers to a Sec-WebSocket-Key (RFC 6455 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + KEY_SUFFIX)
    .digest('base64');
}

/** A message as a client sends it. */
function maskedFrame(payload: Buffer, mask: Buffer): Buffer {
  const head = frameHead(payload.length, MASKED);
  const frame = Buffer.concat([head, mask, payload]);
  const start = head.length + mask.length;
  for (let at = 0; at < payload.length; at += 1) {
    frame[start + at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  }
  return frame;
}

/** A message as a server sends it. */
function echoFrame(payload: Buffer): Buffer {
  return Buffer.concat([frameHead(payload.length, 0), payload]);
}

function frameHead(length: number, masked: number): Buffer {
  if (length < LENGTH_FOLLOWS) return Buffer.of(FINAL_TEXT, masked | length);
  return Buffer.of(FINAL_TEXT, masked | LENGTH_FOLLOWS, length >>> 8, length & 0xff);
}

function keyBytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)));
}
