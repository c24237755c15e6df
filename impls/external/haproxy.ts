/**
 * HAProxy as an HTTP reverse proxy, in its fastest form that still reads every message:
 *
 * - One thread, in the foreground, without a master. No log.
 * - `http-reuse always`: any request may go on an idle upstream connection, as with the others here.
 *   HAProxy's own default keeps a client's first request off connections that may be closing; on the
 *   loopback interface that costs connections and protects from nothing that is tested.
 * - Keep-alive on both sides without a bound on requests, which HAProxy does not have.
 * - Buffering is the default: a message passes through in pieces as it comes.
 * - X-Forwarded-For, -Host and -Proto are set, and replace what the client sent. HAProxy writes
 *   header names in lower case.
 * - A client that goes away ends its upstream request (`abortonclose`), and Keep-Alive and
 *   Proxy-Connection do not go on, which HAProxy leaves to its configuration.
 * - The policy's timeouts apply. A head must fit into HAProxy's buffer of 16 KB; it has no limit on
 *   bodies.
 *
 * It has none of our rules, so it is compared on forwarding.
 */
import { type CaseSkip, CONTRACT_VERSION, type ExternalImplementation } from '../contract.ts';

const config = `
global
  nbthread {{workers}}
  maxconn 4096
  no strict-limits

defaults
  mode http
  http-reuse always
  option http-keep-alive
  option abortonclose
  timeout connect {{limits.connectTimeoutMs}}
  timeout client {{limits.bodyTimeoutMs}}
  timeout http-request {{limits.headTimeoutMs}}
  timeout http-keep-alive {{limits.idleTimeoutMs}}
  timeout server {{limits.firstByteTimeoutMs}}
  timeout tunnel 1h

frontend proxy
  bind {{host}}:{{port}} backlog 4096
  http-request del-header keep-alive
  http-request del-header proxy-connection
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto http
  default_backend origin

backend origin
  server origin {{upstreamHost}}:{{upstreamPort}}
`;

/** Found by running every case with HAProxy 2.6. */
const skips: readonly CaseSkip[] = [
  {
    case: 'connection-names-are-removed',
    reason: 'Connection and the fields that it names go on to the upstream',
  },
  {
    case: 'answer-connection-names-are-removed',
    reason: 'Connection of an answer and the fields that it names go on to the client',
  },
  {
    case: 'chunked-answer-to-http-1-0',
    reason: 'a chunked answer goes on to an HTTP/1.0 client as chunked',
  },
  {
    case: 'upstream-refuses-connections',
    reason: 'it answers 503 for an upstream that refuses connections',
  },
  {
    case: 'post-is-never-sent-again',
    reason:
      'it closes the client connection without an answer if a reused upstream connection breaks',
  },
];

const haproxy: ExternalImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'haproxy',
  capabilities: ['forwarding'],
  skips,
  command: 'haproxy',
  args: ['-db', '-f', '{{configFile}}'],
  configTemplate: config,
  configName: 'haproxy.cfg',
  version: { args: ['-v'] },
  install: 'On Debian it is in the package haproxy: apt-get install haproxy.',
};

export default haproxy;
