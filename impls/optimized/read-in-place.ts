/**
 * Lets an accepted socket read into memory of ours, as `onread` does for sockets that one makes. The
 * trick: for each read Node makes a buffer of 64 KB, cuts it down to what came, and passes it through
 * a stream; here the kernel writes where we say, and a callback follows at once. It saves a tenth of a
 * small request, and half of what a large upload costs.
 *
 * Node offers this at a socket's creation only, which is the listener's. So what the constructor does
 * is done here, through the properties that it sets. Where any of them is missing, or the socket is of
 * another kind (TLS), nothing is done and `data` events are as good.
 */
import { Socket } from 'node:net';
import { plainHandle } from './plain-handle.ts';

/** Who takes what is read. */
export interface InPlaceReader {
  /** Where the next read goes; asked for again after each. */
  readonly nextBuffer: () => Buffer;
  /** So many bytes are at the start of that buffer, until it returns. */
  readonly readBytes: (length: number) => void;
}

/** The properties of a socket that hold what `onread` gave. */
interface OnreadKeys {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

/** Reading a handle into memory that is given to it. */
interface StreamHandle {
  useUserBuffer(buffer: Buffer): void;
}

const EMPTY = Buffer.alloc(0);
const KEYS = findKeys();

/** False if this socket cannot: it is as it was. */
export function readInPlace(socket: Socket, { nextBuffer, readBytes }: InPlaceReader): boolean {
  const handle = plainHandle<StreamHandle>(socket, 'useUserBuffer');
  if (KEYS === null || handle === null || socket.readableLength > 0) return false;
  if (Reflect.get(socket, KEYS.buffer) !== null) return false;
  const first = nextBuffer();
  Reflect.set(socket, KEYS.buffer, first);
  Reflect.set(socket, KEYS.generator, nextBuffer);
  // Only `false` would stop the reading.
  Reflect.set(socket, KEYS.callback, readBytes);
  // Its name would have it taken for a hook of React.
  const { useUserBuffer: readInto } = handle;
  readInto.call(handle, first);
  return true;
}

/** As a socket has them that was made with `onread`; null if this Node keeps it elsewhere. */
function findKeys(): OnreadKeys | null {
  const buffer = (): Buffer => EMPTY;
  const callback = (): boolean => true;
  const probe = new Socket({ onread: { buffer, callback } });
  const plain = new Socket();
  const keyOf = (isIt: (value: unknown) => boolean): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find(
      (key) => isIt(Reflect.get(probe, key)) && Reflect.get(plain, key) === null,
    );
  const keys = {
    // True until there is a handle, for which it is asked.
    buffer: keyOf((value) => value === true),
    callback: keyOf((value) => value === callback),
    generator: keyOf((value) => value === buffer),
  };
  probe.destroy();
  plain.destroy();
  const { buffer: one, callback: two, generator: three } = keys;
  if (one === undefined || two === undefined || three === undefined) return null;
  return { buffer: one, callback: two, generator: three };
}
