/**
 * Writes to a socket without its stream, as long as the kernel takes all at once. The trick: a stream
 * keeps books about each write and has its end told later; the kernel's buffer takes nearly every write
 * whole before the call returns, and then nobody needs to know. It saves a tenth of what a small request
 * costs outside the kernel.
 *
 * What the kernel does not take at once waits in the handle, and what is written meanwhile goes by the
 * stream, which queues it behind that. Node does not document how its streams write to handles: what
 * they pass is watched once, and where it is not as expected, or the socket is of another kind (TLS),
 * everything goes by the stream.
 */
import type { Socket } from 'node:net';
import { plainHandle } from './plain-handle.ts';

/** A socket's handle, as Node's own stream uses it. */
interface WritableHandle {
  /**
   * With null for a request: 0 if the kernel took all, a negative number for an error, or a request if
   * the bytes have to wait.
   */
  writeBuffer(request: unknown, bytes: Uint8Array): number | WriteRequest;
}

/** A write that waits. */
interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Keeps the bytes from being collected. */
  buffer?: Uint8Array;
  /** Its outcome, if it was over before anybody could be told. */
  readonly writeStatus?: number | null;
}

/** Whether this Node's streams give handles no request of their own; unknown until one has written. */
let streamsGiveNoRequest: boolean | null = null;

/** Takes writes for one socket. */
export class SocketWriter {
  readonly socket: Socket;
  readonly #onDrain: () => void;
  /** Null where everything goes by the stream. */
  #handle: WritableHandle | null | undefined;
  /** A write that did not go by the stream waits in the handle. */
  #isWaiting = false;

  /** `onDrain` is called when the socket takes bytes again after {@link write} said false. */
  constructor(socket: Socket, onDrain: () => void) {
    this.socket = socket;
    this.#onDrain = onDrain;
    socket.on('drain', onDrain);
  }

  /** Bytes written wait: nobody may change them, and what follows waits behind them. */
  get waits(): boolean {
    return this.#isWaiting || this.socket.writableLength > 0 || this.socket.connecting;
  }

  /** Writes. False if the socket wants no more for now. */
  write(bytes: Buffer): boolean {
    const { socket } = this;
    if (this.waits || socket.destroyed) return socket.write(bytes);
    if (this.#handle === undefined) this.#handle = handleOf(socket);
    const handle = this.#handle;
    if (handle === null) return socket.write(bytes);
    if (streamsGiveNoRequest !== true) {
      if (streamsGiveNoRequest === null) watchNextWrite(handle);
      return socket.write(bytes);
    }
    const result = handle.writeBuffer(null, bytes);
    if (result === 0) return true;
    return this.#wait(result, bytes);
  }

  #wait(result: number | WriteRequest, bytes: Uint8Array): boolean {
    if (typeof result === 'number') {
      this.socket.destroy();
      return true;
    }
    const isOver = (status: number): void => {
      this.#isWaiting = false;
      if (status === 0) this.#onDrain();
      else this.socket.destroy();
    };
    result.buffer = bytes;
    result.oncomplete = isOver;
    if (typeof result.writeStatus === 'number') {
      if (result.writeStatus !== 0) this.socket.destroy();
      return true;
    }
    this.#isWaiting = true;
    return false;
  }
}

/** Null, too, if somebody sees to its writes: has put a `write` of his own in the place of the socket's. */
function handleOf(socket: Socket): WritableHandle | null {
  if (Object.hasOwn(socket, 'write')) return null;
  return plainHandle<WritableHandle>(socket, 'writeBuffer');
}

/** Looks at what the stream gives this handle with its next write, and leaves it as it was. */
function watchNextWrite(handle: WritableHandle): void {
  const own = Object.getOwnPropertyDescriptor(handle, 'writeBuffer');
  handle.writeBuffer = (request, bytes) => {
    if (own === undefined) Reflect.deleteProperty(handle, 'writeBuffer');
    else Object.defineProperty(handle, 'writeBuffer', own);
    streamsGiveNoRequest = request === null;
    return handle.writeBuffer(request, bytes);
  };
}
