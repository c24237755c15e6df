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
import { CONTRACT_VERSION, type ExternalImplementation } from '../contract.ts';

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

const caddy: ExternalImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'caddy',
  capabilities: ['forwarding'],
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
