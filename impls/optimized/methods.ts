/**
 * The methods that a proxy tells apart, compared byte by byte in place: no string is made. Methods
 * are case-sensitive (RFC 9110 9.1).
 */

export const CONNECT: Buffer = Buffer.from('CONNECT');
export const HEAD: Buffer = Buffer.from('HEAD');
export const OPTIONS: Buffer = Buffer.from('OPTIONS');
export const TRACE: Buffer = Buffer.from('TRACE');

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].map((m) => Buffer.from(m));

/** Whether a request may be sent twice (RFC 9110 9.2.2). */
export function isIdempotent(bytes: Buffer, from: number, length: number): boolean {
  for (const method of IDEMPOTENT) if (isMethod(bytes, from, length, method)) return true;
  return false;
}

/** Whether the `length` bytes at `from` are this method. */
export function isMethod(bytes: Buffer, from: number, length: number, method: Buffer): boolean {
  if (length !== method.length) return false;
  for (let i = 0; i < length; i += 1) if (bytes[from + i] !== method[i]) return false;
  return true;
}
