/**
 * Where a worker's log lines go: appended to a file, which several workers may share (an append is
 * one write, and goes to the end), or to standard output, which the server reads and passes on in
 * whole lines. Neither ever makes the process wait: a slow one costs lines and no requests.
 */
import { close, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import type { LogSink } from '../impls/contract.ts';

/** A sink that can be told to open its file anew, as after somebody has moved it away. */
export interface LogDestination extends LogSink {
  /** @throws if the file cannot be opened; the old one stays in use then. */
  reopen(): void;
}

/**
 * Lines to the file of this name, or to standard output for null.
 *
 * @throws if the file cannot be opened for appending.
 */
export function openLogDestination(path: string | null): LogDestination {
  return path === null ? new StandardOutput() : new LogFile(path);
}

/** After a write that fails, as on a full disk, later ones are tried all the same. */
class LogFile implements LogDestination {
  readonly #path: string;
  #fd: number;
  #writes = 0;
  /** Of the file before, which a write still uses. */
  #replaced: number | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'a');
  }

  write(lines: Uint8Array, done: (error: Error | null) => void): void {
    const fd = this.#fd;
    const finish = (error: Error | null): void => {
      this.#writes -= 1;
      this.#closeReplaced();
      done(error);
    };
    const writeFrom = (from: number): void =>
      write(fd, lines, from, lines.length - from, null, (error, written) => {
        if (error !== null) finish(error);
        else if (from + written < lines.length) writeFrom(from + written);
        else finish(null);
      });
    this.#writes += 1;
    writeFrom(0);
  }

  reopen(): void {
    // One that still waits for its last write is left to it; the newest file is what counts.
    const fd = openSync(this.#path, 'a');
    if (this.#replaced === null) this.#replaced = this.#fd;
    else close(this.#fd);
    this.#fd = fd;
    this.#closeReplaced();
  }

  #closeReplaced(): void {
    if (this.#writes > 0 || this.#replaced === null) return;
    close(this.#replaced);
    this.#replaced = null;
  }
}

/** As a stream of its own: `process.stdout` waits for whoever reads a pipe. */
class StandardOutput implements LogDestination {
  readonly #stream = new Socket({ fd: 1, readable: false, writable: true });

  constructor() {
    this.#stream.on('error', () => {});
  }

  write(lines: Uint8Array, done: (error: Error | null) => void): void {
    this.#stream.write(lines, (error) => done(error ?? null));
  }

  reopen(): void {}
}
