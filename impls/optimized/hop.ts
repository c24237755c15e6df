/**
 * What is added to the requests of one client connection. The trick: it depends on the connection
 * and the policy alone, so it is made once for both and a request copies bytes that are ready.
 */
import type { Upstream } from '../contract.ts';
import type { Snapshot } from './snapshot.ts';

/** What is added to the requests of one client connection under one policy. */
export interface Hop {
  /** Received X-Forwarded-* and Forwarded fields are believed. */
  readonly trusted: boolean;
  readonly xForwarded: boolean;
  readonly forwarded: boolean;
  readonly via: string | null;
  /** The peer's address. */
  readonly peer: string;
  readonly scheme: 'http' | 'https';
  /** The upstream's, for an HTTP/1.0 request without a Host. */
  readonly upstreamHost: string;
  /** X-Forwarded-For, X-Forwarded-Proto and Via where none was received. */
  readonly constant: Buffer;
}

/** Who a client connection is from, and how. */
export type HopPeer = Pick<Hop, 'peer' | 'scheme'>;

/** The hop of a client connection to the upstream, under one policy. */
export function hopOf({ peer, scheme }: HopPeer, upstream: Upstream, snapshot: Snapshot): Hop {
  const { forwarded } = snapshot.policy;
  const host = upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host;
  const isDefaultPort = upstream.port === (upstream.protocol === 'https:' ? 443 : 80);
  return makeHop({
    trusted: snapshot.trusts(peer),
    xForwarded: forwarded.xForwarded,
    forwarded: forwarded.forwarded,
    via: forwarded.via,
    peer,
    scheme,
    upstreamHost: isDefaultPort ? host : `${host}:${upstream.port}`,
  });
}

/** Makes the hop's constant part. */
function makeHop(hop: Omit<Hop, 'constant'>): Hop {
  let constant = '';
  if (hop.xForwarded) {
    constant += `X-Forwarded-For: ${hop.peer}\r\nX-Forwarded-Proto: ${hop.scheme}\r\n`;
  }
  if (hop.via !== null) constant += `Via: 1.1 ${hop.via}\r\n`;
  return { ...hop, constant: Buffer.from(constant, 'latin1') };
}
