/**
 * How messages are framed, as small integers that the readers of heads and bodies share: compared
 * in a machine instruction and kept in a field without an allocation.
 */

/** How a body's end is found. */
export const BODY_NONE = 0;
export const BODY_LENGTH = 1;
export const BODY_CHUNKED = 2;
/** Answers only: the body ends with the connection. */
export const BODY_UNTIL_CLOSE = 3;

/** Results of reading a head, beside the status codes of refusals. */
export const HEAD_INCOMPLETE = 0;
export const HEAD_READ = 1;
