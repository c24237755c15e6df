/**
 * The origin's side of an upgraded connection: reads masked WebSocket frames off the bytes and gives
 * each back unmasked (RFC 6455 5.1), whatever it holds, so that a proxy that changes a byte is found
 * out by the driver. It deliberately knows whole text messages of up to 65,535 bytes alone; anything
 * else ends the connection.
 */
import { Buffer } from 'node:buffer';

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_FOLLOWS = 126;
const NOTHING = Buffer.alloc(0);

/** Echoes the messages of one connection. */
export class MessageEcho {
  /** The beginning of a frame that has not come whole. */
  #held: Buffer = NOTHING;
  /** Messages echoed so far. */
  messages = 0;

  /** The frames that answer those that end in these bytes; null for what is no frame of this kind. */
  read(chunk: Buffer): Buffer | null {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    const echoes: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (bytes[at] !== FINAL_TEXT) return null;
      const frame = frameAt(bytes, at);
      if (frame === undefined || frame.end > bytes.length) {
        // The buffer it lies in is read into again.
        this.#held = Buffer.from(bytes.subarray(at));
        break;
      }
      if (frame.end < 0) return null;
      echoes.push(unmasked(bytes, frame));
      this.messages += 1;
      at = frame.end;
    }
    const [only] = echoes;
    return echoes.length === 1 && only !== undefined ? only : Buffer.concat(echoes);
  }
}

interface Frame {
  readonly payloadAt: number;
  /** Index after it; negative: none that is known here. */
  readonly end: number;
}

/** Where a frame ends; undefined where its head has not come whole. */
function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const second = bytes[at + 1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  if ((second & MASKED) === 0 || short > LENGTH_FOLLOWS) return { payloadAt: 0, end: -1 };
  if (short < LENGTH_FOLLOWS) return { payloadAt: at + 6, end: at + 6 + short };
  if (at + 4 > bytes.length) return undefined;
  return { payloadAt: at + 8, end: at + 8 + bytes.readUInt16BE(at + 2) };
}

function unmasked(bytes: Buffer, { payloadAt, end }: Frame): Buffer {
  const length = end - payloadAt;
  const long = length >= LENGTH_FOLLOWS;
  const start = long ? 4 : 2;
  const echo = Buffer.allocUnsafe(start + length);
  echo[0] = FINAL_TEXT;
  echo[1] = long ? LENGTH_FOLLOWS : length;
  if (long) echo.writeUInt16BE(length, 2);
  for (let at = 0; at < length; at += 1) {
    echo[start + at] = (bytes[payloadAt + at] ?? 0) ^ (bytes[payloadAt - 4 + (at & 3)] ?? 0);
  }
  return echo;
}
