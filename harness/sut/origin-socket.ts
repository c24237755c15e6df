/**
 * Reads accepted connections into one buffer that is used again for every read. `net.Server` has no
 * option for that: by default each read allocates, about half a microsecond of some six a request
 * (measured with `wrk -c32` on answers of 1 KB), and garbage that is collected in the middle of
 * somebody's wave. So the accepted handle is moved to a socket constructed with the documented
 * `onread`. Where the handle is not to be found, the socket is read in the ordinary way. It
 * deliberately reads nothing by itself and is for the origin alone.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';

const READ_BYTES = 65_536;

/** A function that serves accepted sockets, which must come paused (`pauseOnConnect`). */
export type SocketReader = (
  accepted: Socket,
  /** Sees each read; the bytes are overwritten by the next one. */
  onBytes: (bytes: Buffer) => void,
) => Socket;

/** A reader with a buffer of its own. The socket it returns is the one to write to and to close. */
export function socketReader(): SocketReader {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return (accepted, onBytes) => {
    const handle: unknown = Reflect.get(accepted, '_handle');
    if (typeof handle !== 'object' || handle === null) {
      accepted.on('data', onBytes);
      return accepted.resume();
    }
    const callback = (size: number): boolean => {
      onBytes(buffer.subarray(0, size));
      return true;
    };
    const options = { handle, allowHalfOpen: true, onread: { buffer, callback } };
    // The types know only handles that one has bound oneself.
    const socket: Socket = Reflect.construct(Socket, [options]);
    Reflect.set(accepted, '_handle', null);
    // The listener counts the accepted one: it must be seen to close.
    socket.on('close', () => accepted.destroy());
    return socket.resume();
  };
}
