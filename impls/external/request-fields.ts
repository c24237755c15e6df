/**
 * The header hook of the adapters whose library sends through undici and puts its own Host: `Host`
 * as received, the forwarded fields, and none of the fields that concern the client's connection
 * alone, which undici refuses to send (RFC 9110 7.6.1).
 */
import type { IncomingHttpHeaders } from 'node:http';

/** What is needed of the client's request. */
export interface ClientRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const OF_ONE_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
  // node:http has answered it.
  'expect',
];

/** Changes the fields that a library is about to send for `request`, and gives them back. */
export function toUpstreamFields(
  request: ClientRequest,
  fields: IncomingHttpHeaders,
): IncomingHttpHeaders {
  const { connection, host } = request.headers;
  if (connection !== undefined && connection !== 'keep-alive') {
    for (const name of connection.toLowerCase().split(',')) fields[name.trim()] = undefined;
  }
  for (const name of OF_ONE_HOP) if (fields[name] !== undefined) fields[name] = undefined;
  fields.host = host;
  fields['x-forwarded-for'] = request.socket.remoteAddress;
  fields['x-forwarded-host'] = host;
  fields['x-forwarded-proto'] = 'http';
  return fields;
}
