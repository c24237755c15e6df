/**
 * One end of a connection that the runner holds: writes what a script says, records every byte,
 * and notes how the far side ended it. Shared by the scripted client and the scripted origin.
 */
import type { Socket } from 'node:net';
import type { Bytes } from '../../impls/conformance/case.ts';
import type { Ending } from '../../impls/conformance/observed.ts';
import { toBytes } from '../../impls/conformance/steps.ts';

/** How long an ended connection may take to be ended by the proxy as well. */
const CLOSE_BOUND_MS = 1000;

/** What its owner does about what happens on it. */
export interface ConnectionEvents {
  data(bytes: Buffer): void;
  /** Once: the far side ended it, in order or with a reset. */
  ended(how: 'ended' | 'reset'): void;
}

export class RecordedConnection {
  readonly socket: Socket;
  readonly #sent: Uint8Array[] = [];
  readonly #received: Buffer[] = [];
  #ending: Ending = 'open';
  #endedHere = false;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.socket = socket;
    const ended = (how: 'ended' | 'reset'): void => {
      if (this.#ending !== 'open' || this.#endedHere) return;
      this.#ending = how;
      events.ended(how);
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
      this.#received.push(bytes);
      events.data(bytes);
    });
    socket.on('end', () => ended('ended'));
    socket.on('error', () => ended('reset'));
    socket.on('close', () => ended('reset'));
  }

  get sent(): Uint8Array {
    return Buffer.concat(this.#sent);
  }

  get received(): Uint8Array {
    return Buffer.concat(this.#received);
  }

  get ending(): Ending {
    return this.#ending;
  }

  /** Bytes that the system has taken from this end, so that the proxy may have them. */
  get takenBytes(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Writes at once, or piece by piece. What the far side does not take any more is lost. */
  async send(bytes: Bytes, pieceBytes?: number): Promise<void> {
    const all = toBytes(bytes);
    this.#sent.push(all);
    if (pieceBytes === undefined) {
      this.#write(all);
      return;
    }
    for (let from = 0; from < all.length && this.#isWritable; from += pieceBytes) {
      await new Promise<void>((done) => {
        const written = (): void => void setImmediate(done);
        this.socket.once('close', written);
        this.socket.write(all.subarray(from, from + pieceBytes), () => {
          this.socket.off('close', written);
          written();
        });
      });
    }
  }

  /** One byte every `everyMs`, until all are sent or the far side has ended the connection. */
  async drip(bytes: Bytes, everyMs: number): Promise<void> {
    for (const byte of toBytes(bytes)) {
      if (this.#ending !== 'open' || !this.#isWritable) return;
      await this.send(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  halfClose(): void {
    if (this.#isWritable) this.socket.end();
  }

  reset(): void {
    this.#endedHere = true;
    this.socket.resetAndDestroy();
  }

  /** Forgets it at once. */
  destroy(): void {
    this.#endedHere = true;
    this.socket.destroy();
  }

  /**
   * Ends it in order and waits until the proxy has ended it too, so that the proxy knows. Returns
   * false if it did not in time.
   */
  async close(): Promise<boolean> {
    this.#endedHere = true;
    if (this.socket.destroyed) return true;
    this.socket.resume();
    this.socket.end();
    const closed = await closesWithin(this.socket, CLOSE_BOUND_MS);
    this.socket.destroy();
    return closed;
  }

  #write(bytes: Uint8Array): void {
    if (this.#isWritable) this.socket.write(bytes);
  }

  get #isWritable(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }
}

/** Whether the socket closes, by whatever cause, before the bound. */
function closesWithin(socket: Socket, boundMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), boundMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
