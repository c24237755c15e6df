/**
 * What a running server says of itself, over HTTP on an address of its own: `/ready` for who sends it
 * traffic, `/counters` and `/metrics` for who watches it. It changes nothing.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { ProxyCounters } from '../impls/contract.ts';
import { metricsText } from './metrics.ts';
import type { ServerState } from './proxy-server.ts';
import { ServerError } from './server-error.ts';

/** What it shows. */
export interface Watched {
  state(): ServerState;
  counters(): Promise<ProxyCounters | null>;
}

export interface Admin {
  readonly port: number;
  close(): void;
}

/**
 * - `GET /ready`: 200 if every worker serves and takes connections, else 503.
 * - `GET /counters`: JSON, `{schemaVersion, server, counters}`: the state and the counts of all
 *   workers together.
 * - `GET /metrics`: the same for Prometheus.
 *
 * @throws ServerError if the address cannot be had.
 */
export async function openAdmin(watched: Watched, host: string, port: number): Promise<Admin> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply(response, 405, { error: 'only GET and HEAD' });
    } else if (path === '/ready') {
      const { workers, workersWanted, draining } = watched.state();
      const ready = !draining && workers.length === workersWanted;
      reply(response, ready ? 200 : 503, { workers: workers.length, workersWanted, draining });
    } else if (path === '/counters') {
      void watched.counters().then((counters) => {
        reply(response, 200, { schemaVersion: 1, server: watched.state(), counters });
      });
    } else if (path === '/metrics') {
      void watched
        .counters()
        .then((counters) => metricsText(watched.state(), counters))
        .then(({ text, contentType }) => {
          response.writeHead(200, { 'Content-Type': contentType }).end(text);
        });
    } else {
      reply(response, 404, { error: 'there are /ready, /counters and /metrics' });
    }
  });
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function reply(response: ServerResponse, statusCode: number, value: object): void {
  response
    .writeHead(statusCode, { 'Content-Type': 'application/json; charset=utf-8' })
    .end(`${JSON.stringify(value)}\n`);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerError('admin', `the admin address ${host}:${port} cannot be had: ${reason}`, {
      remedy: 'Give another one with --admin.',
    });
  }
}
