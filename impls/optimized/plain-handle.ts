/**
 * The handle of a plain socket, which Node does not document: looked up in one place, with care, by what
 * goes past the stream.
 */
import { Socket } from 'node:net';

/**
 * Null if the handle has no such method, or the socket is of another kind (TLS): what a subclass does
 * with its bytes is its own.
 */
export function plainHandle<Handle>(socket: Socket, method: keyof Handle): Handle | null {
  if (Object.getPrototypeOf(socket) !== Socket.prototype) return null;
  const handle: unknown = Reflect.get(socket, '_handle');
  return hasMethod<Handle>(handle, method) ? handle : null;
}

function hasMethod<Handle>(handle: unknown, method: keyof Handle): handle is Handle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof Reflect.get(handle, method) === 'function'
  );
}
