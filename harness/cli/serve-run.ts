/**
 * What `hopmark serve` does: a server started from a policy file, told of signals, and ended. Loaded when it
 * is asked for: other commands need nothing of it.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ProxyCounters, Upstream } from '../../impls/contract.ts';
import { loadPolicyFile } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { BUILT_IN_NAMES } from '../../impls/registry.ts';
import { type Admin, openAdmin } from '../../server/admin.ts';
import { ProxyServer, type ServerEvent, type ServerOptions } from '../../server/proxy-server.ts';
import { HopmarkError } from '../model/error.ts';
import { formatAddress } from '../sut/loopback-address.ts';
import { EXIT } from './exit-code.ts';
import { errorLines } from './message.ts';
import type { ListenAddress } from './option.ts';
import type { Shell } from './shell.ts';

export interface ServeOptions {
  readonly impl: string;
  readonly workers?: number;
  readonly listen?: ListenAddress;
  readonly ca?: string;
  readonly log?: string;
  readonly admin?: ListenAddress;
  /** Milliseconds. */
  readonly drain: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The drain's own margins, and the way to the exit. */
const END_MARGIN_MS = 10_000;

/** Serves until a signal comes or the workers cannot be kept up; throws then. */
export async function serve(shell: Shell, file: string, options: ServeOptions): Promise<void> {
  if (options.json === true && options.log === undefined) {
    throw new HopmarkError('user', 'no-log', '--json and log lines cannot share standard output', {
      remedy: 'Give --log FILE.',
    });
  }
  const say = (text: string): void => {
    if (options.quiet !== true) shell.err(`hopmark: ${text}\n`);
  };
  const policy = await loadPolicyFile(file);
  shell.endsBySignal(options.drain + END_MARGIN_MS);
  const stop = new AbortController();
  let gaveUp: Error | null = null;
  const server = await ProxyServer.start({
    ...(await settingsOf(policy, options)),
    output: process.stdout,
    onEvent: (event) => {
      if (event.kind === 'gave-up') {
        gaveUp = event.error;
        stop.abort();
      } else shell.err(`hopmark: ${describe(event)}\n`);
    },
  });
  process.on('exit', () => server.killNow());
  const admin = await openAdminOf(server, options.admin);
  const reload = (): void => void reloadPolicy(server, file, policy, shell, say);
  process.on('SIGHUP', reload);
  try {
    say(introduction(server, policy, admin, options.admin));
    await aborted(AbortSignal.any([shell.signal, stop.signal]));
  } finally {
    process.off('SIGHUP', reload);
  }
  if (gaveUp === null) say('no more connections; those that are open may finish');
  const end = await server.drain(options.drain);
  admin?.close();
  if (options.json === true) {
    const { counters, ...connections } = end;
    const document = { schemaVersion: 1, server: server.state(), connections, counters };
    shell.out(`${JSON.stringify(document, null, 2)}\n`);
  }
  if (gaveUp !== null) throw gaveUp;
  say(
    `ended; ${totals(end.counters)}${end.destroyed === 0 ? '' : `; ${end.destroyed} connections broken at the deadline`}`,
  );
  shell.exit(EXIT.held);
}

async function settingsOf(
  policy: Policy,
  { impl, workers, listen, ca, log }: ServeOptions,
): Promise<Omit<ServerOptions, 'output' | 'onEvent'>> {
  return {
    spec: BUILT_IN_NAMES.includes(impl.replace(/\?.*$/s, '')) ? impl : resolve(impl),
    policy,
    upstream: await upstreamOf(policy, ca),
    ...(listen ?? policy.listen),
    workers: workers ?? policy.workers,
    logPath: log === undefined ? null : resolve(log),
  };
}

async function upstreamOf(policy: Policy, caFile: string | undefined): Promise<Upstream> {
  const { protocol, hostname, port } = new URL(policy.upstream);
  const isTls = protocol === 'https:';
  return {
    protocol: isTls ? 'https:' : 'http:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    ...(caFile === undefined ? {} : { ca: await readCertificates(caFile) }),
  };
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HopmarkError('user', 'no-certificates', `--ca: ${reason}`, { cause });
  }
}

async function openAdminOf(
  server: ProxyServer,
  address: ListenAddress | undefined,
): Promise<Admin | null> {
  if (address === undefined) return null;
  try {
    return await openAdmin(server, address.host, address.port);
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/** What cannot change while a server runs makes the whole policy one that is refused. */
async function reloadPolicy(
  server: ProxyServer,
  file: string,
  old: Policy,
  shell: Shell,
  say: (text: string) => void,
): Promise<void> {
  try {
    const policy = await loadPolicyFile(file);
    const changed = (['upstream', 'listen', 'workers'] as const).filter(
      (key) => JSON.stringify(policy[key]) !== JSON.stringify(old[key]),
    );
    if (changed.length > 0) {
      throw new HopmarkError(
        'user',
        'fixed',
        `${changed.join(' and ')} cannot change in a reload`,
        {
          remedy: 'Start the server anew for that.',
        },
      );
    }
    const { rules, patternsKept, patternsCompiled } = await server.reload(policy);
    say(`policy reloaded: ${rules} rules, ${patternsKept} patterns kept, ${patternsCompiled} new`);
  } catch (error) {
    shell.err(`hopmark: the policy in force stays: ${errorLines(error, false).join('\n')}\n`);
  }
}

function introduction(
  server: ProxyServer,
  policy: Policy,
  admin: Admin | null,
  adminAddress: ListenAddress | undefined,
): string {
  const { name, version, host, port, workers } = server.state();
  const who = version === null ? name : `${name} ${version}`;
  const count = workers.length === 1 ? '1 worker' : `${workers.length} workers`;
  const pids = workers.map(({ pid }) => pid).join(', ');
  const where = `http://${formatAddress({ host, port })}`;
  const adminHost = adminAddress?.host ?? '';
  const watched =
    admin === null
      ? ''
      : `; admin on http://${formatAddress({ host: adminHost, port: admin.port })}`;
  return `${who} serves ${where} for ${policy.upstream} with ${count} (pid ${pids})${watched}`;
}

function describe(event: Exclude<ServerEvent, { kind: 'gave-up' }>): string {
  return event.kind === 'worker-ended'
    ? `worker ${event.pid} ended (${event.how}); another one is started`
    : `worker ${event.pid} serves`;
}

function totals(counters: ProxyCounters | null): string {
  if (counters === null) return 'nothing was counted';
  const { requests, dropped, log } = counters;
  return `${requests} requests, ${dropped} dropped, ${log.written} log lines`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
