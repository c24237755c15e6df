/**
 * Addresses on this machine, as people write them: the URL of a proxy that runs already, and where it
 * forwards to. Load goes to no other machine, so none of another is taken.
 */
import { isIP } from 'node:net';
import { HopmarkError } from '../model/error.ts';

/** A port of the loopback interface. */
export interface LoopbackAddress {
  /** An IP address without brackets, or `localhost`. */
  readonly host: string;
  readonly port: number;
}

/** True of what is meant as a URL rather than a name or a path. */
export function isUrl(spec: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(spec) && !spec.startsWith('file:');
}

/**
 * The address of `http://127.0.0.1:8080`. Throws a user's HopmarkError for what is no http URL of this
 * machine.
 */
export function parseProxyUrl(spec: string): LoopbackAddress {
  if (/^https:/i.test(spec)) {
    throw new HopmarkError(
      'user',
      'no-https',
      `${spec} is not measured: over TLS the handshake and the cipher would be measured as the hop`,
      { remedy: 'Give the URL of a port on which it speaks plain HTTP.' },
    );
  }
  const url = URL.canParse(spec) ? new URL(spec) : null;
  const plain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url === null || !plain || url.protocol !== 'http:' || url.username !== '') {
    throw badAddress(spec, 'is not the URL of a proxy', 'http://127.0.0.1:8080');
  }
  return loopback(spec, url, 80);
}

/** The address of `9000`, `127.0.0.1:9000` or `http://127.0.0.1:9000`. Throws as {@link parseProxyUrl}. */
export function parseOrigin(text: string): LoopbackAddress {
  if (/^\d+$/.test(text)) return loopback(text, parseHttp(text, `127.0.0.1:${text}`), null);
  return loopback(text, parseHttp(text, text.replace(/^http:\/\//i, '')), null);
}

function parseHttp(text: string, address: string): URL {
  const url = URL.canParse(`http://${address}`) ? new URL(`http://${address}`) : null;
  if (url !== null && url.pathname === '/' && url.search === '' && url.username === '') return url;
  throw badAddress(text, 'is not the address of an origin', '127.0.0.1:9000, or a port');
}

function loopback(
  text: string,
  { hostname, port }: URL,
  defaultPort: number | null,
): LoopbackAddress {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!isLoopback(host)) {
    throw new HopmarkError('user', 'not-loopback', `${text} is not on this machine`, {
      remedy: 'Load is sent to the loopback interface alone: 127.0.0.1, [::1] or localhost.',
    });
  }
  const number = port === '' ? defaultPort : Number(port);
  if (number === null || number === 0) throw badAddress(text, 'names no port', '127.0.0.1:9000');
  return { host, port: number };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function badAddress(text: string, what: string, example: string): HopmarkError {
  return new HopmarkError('user', 'bad-address', `${text} ${what}`, {
    remedy: `Write it as ${example}.`,
  });
}

/** As people write it. */
export function formatAddress({ host, port }: LoopbackAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
