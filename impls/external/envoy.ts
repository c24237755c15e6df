/**
 * Envoy as a reverse proxy:
 *
 * - One worker thread (`--concurrency`), no admin endpoint, no hot restart, no access log.
 * - Keep-alive on both sides without a bound on requests, and circuit breakers far above a run's
 *   connections (the default of 1,024 would be met at high concurrency).
 * - No route timeout, no retries, no request ids, none of Envoy's own header fields. The path goes on
 *   as received; header names keep their case; HTTP/1.0 and trailers are let through.
 * - Buffering is the default: bodies stream.
 * - X-Forwarded-Proto is set by the connection manager, and so is -For, appended to what the client
 *   sent; -Host is set by the route.
 * - The policy's limits on head, idle time and connecting apply.
 *
 * It has none of our rules, so it is compared on forwarding. Written for Envoy's v3 API, as its
 * documentation of 1.30 has it.
 */
import { CONTRACT_VERSION, type ExternalImplementation } from '../contract.ts';

const PRESERVE_CASE = {
  header_key_format: {
    stateful_formatter: {
      name: 'preserve_case',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
      },
    },
  },
};

const MANAGER = {
  '@type':
    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  stat_prefix: 'proxy',
  codec_type: 'HTTP1',
  use_remote_address: true,
  generate_request_id: false,
  server_header_transformation: 'PASS_THROUGH',
  request_headers_timeout: '{{limits.headTimeoutSeconds}}s',
  stream_idle_timeout: '0s',
  common_http_protocol_options: { idle_timeout: '{{limits.idleTimeoutSeconds}}s' },
  http_protocol_options: { accept_http_10: true, enable_trailers: true, ...PRESERVE_CASE },
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  route_config: {
    name: 'all',
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        request_headers_to_add: [
          {
            header: { key: 'X-Forwarded-Host', value: '%REQ(:AUTHORITY)%' },
            append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
          },
        ],
        routes: [{ match: { prefix: '/' }, route: { cluster: 'origin', timeout: '0s' } }],
      },
    ],
  },
  http_filters: [
    {
      name: 'envoy.filters.http.router',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
        suppress_envoy_headers: true,
      },
    },
  ],
};

const MANY = 1_000_000;

const ORIGIN = {
  name: 'origin',
  type: 'STATIC',
  connect_timeout: '{{limits.connectTimeoutSeconds}}s',
  circuit_breakers: {
    thresholds: [{ max_connections: MANY, max_pending_requests: MANY, max_requests: MANY }],
  },
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: {
        http_protocol_options: { enable_trailers: true, ...PRESERVE_CASE },
      },
    },
  },
  load_assignment: {
    cluster_name: 'origin',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: at('upstreamHost', 'upstreamPort') } }] }],
  },
};

/** Envoy's JSON takes a number in quotes for a port too, as protobuf's does. */
function at(host: string, port: string): object {
  return { socket_address: { address: `{{${host}}}`, port_value: `{{${port}}}` } };
}

const BOOTSTRAP = {
  static_resources: {
    listeners: [
      {
        name: 'proxy',
        address: at('host', 'port'),
        enable_reuse_port: false,
        filter_chains: [
          {
            filters: [
              { name: 'envoy.filters.network.http_connection_manager', typed_config: MANAGER },
            ],
          },
        ],
      },
    ],
    clusters: [ORIGIN],
  },
};

const envoy: ExternalImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'envoy',
  capabilities: ['forwarding'],
  command: 'envoy',
  args: [
    ...['--config-path', '{{configFile}}', '--concurrency', '{{workers}}'],
    ...['--disable-hot-restart', '--log-level', 'error'],
  ],
  configTemplate: JSON.stringify(BOOTSTRAP, null, 2),
  configName: 'envoy.json',
  version: { args: ['--version'] },
  install: 'Debian has no package of it; envoyproxy.io says where to get one.',
};

export default envoy;
