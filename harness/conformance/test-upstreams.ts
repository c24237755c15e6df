/**
 * The upstreams that cases ask for, made at first use: scripted origins with and without TLS, a
 * port that refuses, and a port whose queue is full.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { UpstreamKind } from '../../impls/conformance/case.ts';
import type { Upstream } from '../../impls/contract.ts';
import { EventBoard } from './event-board.ts';
import { FullListener } from './full-listener.ts';
import { passBarrier } from './scripted-client.ts';
import { ScriptedOrigin } from './scripted-origin.ts';
import { TEST_CERTIFICATE_PEM, TEST_KEY_PEM } from './test-certificate.ts';

/** A port of the loopback interface. */
export interface OriginAddress {
  readonly host: string;
  readonly port: number;
}

export class TestUpstreams {
  readonly #plainAt: OriginAddress | undefined;
  #plain: ScriptedOrigin | null = null;
  #tls: ScriptedOrigin | null = null;
  #full: FullListener | null = null;

  /** `plainAt`: where the plain origin listens; default: on any free port. */
  constructor(plainAt?: OriginAddress) {
    this.#plainAt = plainAt;
  }

  /** The origin that a case with this upstream scripts, even if the proxy cannot reach it. */
  async originFor(kind: UpstreamKind): Promise<ScriptedOrigin> {
    if (kind === 'tls' || kind === 'tls-untrusted') {
      this.#tls ??= await ScriptedOrigin.listen({ key: TEST_KEY_PEM, cert: TEST_CERTIFICATE_PEM });
      return this.#tls;
    }
    this.#plain ??= await ScriptedOrigin.listen(undefined, this.#plainAt);
    return this.#plain;
  }

  /** What the proxy is told about it. */
  async describe(kind: UpstreamKind): Promise<Upstream> {
    const host = '127.0.0.1';
    switch (kind) {
      case 'refused':
        return { protocol: 'http:', host, port: await closedPort() };
      case 'unaccepted':
        this.#full ??= await FullListener.open();
        return { protocol: 'http:', host, port: this.#full.port };
      case 'tls': {
        const { port } = await this.originFor(kind);
        return { protocol: 'https:', host, port, ca: TEST_CERTIFICATE_PEM };
      }
      case 'tls-untrusted':
        return { protocol: 'https:', host, port: (await this.originFor(kind)).port };
      case 'origin':
        return {
          protocol: 'http:',
          host: this.#plainAt?.host ?? host,
          port: (await this.originFor(kind)).port,
        };
    }
  }

  /** Whether a plain request passes through a proxy of the plain origin; rejects if not. */
  async passBarrier(
    proxy: { readonly host: string; readonly port: number },
    boundMs: number,
  ): Promise<void> {
    const origin = await this.originFor('origin');
    origin.begin({ answers: [], board: new EventBoard(), waitMs: 0, onError: () => {} });
    try {
      await passBarrier(proxy, boundMs);
    } finally {
      await origin.finish();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#plain?.close(), this.#tls?.close(), this.#full?.close()]);
  }
}

/** Below the ports that systems hand out, so that nobody who listens on any free port gets one. */
const UNASSIGNED_PORTS = { from: 20_000, below: 32_000 };

/** A loopback port on which nothing listens: it was free a moment ago. */
async function closedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(UNASSIGNED_PORTS.from, UNASSIGNED_PORTS.below);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
