/**
 * nginx as a reverse proxy, in the form in which it is fastest without giving anything up:
 *
 * - One worker below a master, as it runs in production, as the user that runs the harness, as every
 *   other proxy does (for anybody but root nginx ignores `user`, and says so). No access log; errors
 *   go to standard error.
 * - Connections are kept alive on both sides: `keepalive_requests` far beyond any run on either
 *   side (the default closes after 1,000), and more idle upstream connections than a run opens.
 * - Buffering is the default, on for requests and answers: nginx collects a request's body before it
 *   connects to the upstream, which is its usual way and costs the hop nothing for small bodies.
 * - X-Forwarded-For, -Host and -Proto are set, and replace what the client sent, as ours do with a
 *   peer that nobody trusts. Host, Date and Server go on as received. Upgrades are let through.
 * - The policy's limits apply where nginx has a counterpart: head, body, and the timeouts of head,
 *   body, idle connections, connecting and first byte.
 *
 * It has none of our rules, so it is compared on forwarding. Needs nginx 1.19.5 or later (`-e`).
 */
import { type CaseSkip, CONTRACT_VERSION, type ExternalImplementation } from '../contract.ts';

const config = `
user root;
daemon off;
worker_processes {{workers}};
pid {{folder}}/nginx.pid;
error_log stderr error;

events {
  worker_connections 4096;
}

http {
  access_log off;
  client_body_temp_path {{folder}}/client-bodies;
  proxy_temp_path {{folder}}/answers;
  fastcgi_temp_path {{folder}}/fastcgi;
  uwsgi_temp_path {{folder}}/uwsgi;
  scgi_temp_path {{folder}}/scgi;

  keepalive_requests 1000000000;
  keepalive_timeout {{limits.idleTimeoutMs}}ms;
  client_header_timeout {{limits.headTimeoutMs}}ms;
  client_body_timeout {{limits.bodyTimeoutMs}}ms;
  client_max_body_size {{limits.bodyBytes}};
  large_client_header_buffers 4 {{limits.headBytes}};
  underscores_in_headers on;

  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
  }

  upstream origin {
    server {{upstreamHost}}:{{upstreamPort}};
    keepalive 1024;
    keepalive_requests 1000000000;
  }

  server {
    listen {{host}}:{{port}} backlog=4096;

    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_connect_timeout {{limits.connectTimeoutMs}}ms;
      proxy_read_timeout {{limits.firstByteTimeoutMs}}ms;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Proxy-Connection '';
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_pass_header Date;
      proxy_pass_header Server;
    }
  }
}
`;

/** Found by running every case with nginx 1.22. */
const skips: readonly CaseSkip[] = [
  {
    case: 'connection-names-are-removed',
    reason: 'fields that Connection names go on to the upstream',
  },
  {
    case: 'answer-connection-names-are-removed',
    reason: 'fields that Connection of an answer names go on to the client',
  },
  {
    case: 'unusual-target-goes-on-as-received',
    reason: 'it answers 400 for a malformed percent escape in a path',
  },
  {
    case: 'interim-answer-is-not-final',
    reason: 'it takes an interim answer of the upstream for the final one',
  },
];

const nginx: ExternalImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'nginx',
  capabilities: ['forwarding'],
  skips,
  command: 'nginx',
  args: ['-c', '{{configFile}}', '-p', '{{folder}}', '-e', 'stderr'],
  configTemplate: config,
  configName: 'nginx.conf',
  version: { args: ['-v'] },
  install: 'On Debian it is in the package nginx-light: apt-get install nginx-light.',
};

export default nginx;
