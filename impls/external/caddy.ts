/**
 * Caddy as a reverse proxy:
 *
 * - Go runs one thread of Go code at a time (GOMAXPROCS), beside those of its runtime. No access log,
 *   no admin endpoint, no certificates; nothing is written to the user's folders.
 * - Keep-alive on both sides, with more idle upstream connections than a run opens, which Go keeps
 *   without a bound on requests. The upstream is asked in HTTP/1.1 and for no compression, so that
 *   Accept-Encoding goes on as received.
 * - Buffering is the default: bodies stream.
 * - Caddy sets X-Forwarded-For, -Host and -Proto by itself, and replaces what an untrusted client
 *   sent. Go sorts header names and writes them in its canonical case.
 * - The policy's limits on head, idle time, connecting and first byte apply.
 *
 * It has none of our rules, so it is compared on forwarding.
 */
import { type CaseSkip, CONTRACT_VERSION, type ExternalImplementation } from '../contract.ts';

const config = `{
  admin off
  auto_https off
  log {
    output discard
  }
  servers {
    protocols h1
    max_header_size {{limits.headBytes}}
    timeouts {
      read_header {{limits.headTimeoutMs}}ms
      idle {{limits.idleTimeoutMs}}ms
    }
  }
}

http://:{{port}} {
  bind {{host}}
  reverse_proxy {{upstreamHost}}:{{upstreamPort}} {
    transport http {
      versions 1.1
      compression off
      dial_timeout {{limits.connectTimeoutMs}}ms
      response_header_timeout {{limits.firstByteTimeoutMs}}ms
      keepalive 60s
      keepalive_idle_conns 1024
      keepalive_idle_conns_per_host 1024
    }
  }
}
`;

const TRUNCATED = 'an answer that breaks off within its chunks goes on as if it were whole';
const CONTINUE_TWICE = 'a client that expects 100 gets it twice, from Go and from the upstream';

/** Found by running every case with Caddy 2.6. */
const skips: readonly CaseSkip[] = [
  {
    case: 'unusual-target-goes-on-as-received',
    reason: 'it answers 400 for a malformed percent escape in a path',
  },
  {
    case: 'body-cut-short-by-the-client',
    reason: 'a request whose body breaks off is answered 200',
  },
  { case: 'expect-continue', reason: CONTINUE_TWICE },
  { case: 'expect-continue-with-the-body-at-once', reason: CONTINUE_TWICE },
  { case: 'upstream-truncates-chunked', reason: TRUNCATED },
  { case: 'upstream-truncates-within-a-chunk', reason: TRUNCATED },
  { case: 'upstream-chunk-is-nonsense', reason: TRUNCATED },
];

const caddy: ExternalImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'caddy',
  capabilities: ['forwarding'],
  skips,
  command: 'caddy',
  args: ['run', '--config', '{{configFile}}', '--adapter', 'caddyfile'],
  env: {
    GOMAXPROCS: '{{workers}}',
    HOME: '{{folder}}',
    XDG_CONFIG_HOME: '{{folder}}',
    XDG_DATA_HOME: '{{folder}}',
  },
  configTemplate: config,
  configName: 'Caddyfile',
  version: { args: ['version'] },
  install: 'On Debian it is in the package caddy: apt-get install caddy.',
};

export default caddy;
