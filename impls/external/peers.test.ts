/**
 * Every adapter against the cases of the tiers that it claims: it meets them but for those that it
 * declares, and those it could not meet. A library whose new version meets more is noticed here.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failuresInProcess, openInProcess } from '../../harness/conformance/in-process.ts';
import { runConformance } from '../../harness/conformance/run-conformance.ts';
import { CONFORMANCE_CASES } from '../conformance/index.ts';
import type { ProxyImplementation } from '../contract.ts';
import fastProxy from './fast-proxy.ts';
import fastifyHttpProxy from './fastify-http-proxy.ts';
import httpProxy from './http-proxy.ts';
import httpProxy3 from './http-proxy-3.ts';
import httpxy from './httpxy.ts';
import undici from './undici.ts';

const PEERS = [httpProxy, httpProxy3, httpxy, fastProxy, fastifyHttpProxy, undici];
/** Generous: other work may have the machine. */
const WAIT_MS = 5000;
/** For cases that are known to wait in vain. */
const SHORT_WAIT_MS = 300;
/** It ends the process, and this process is the test's: see its own test. */
const DEADLY: ReadonlySet<string> = new Set(['field-values-are-bytes']);

describe.each(PEERS.map((peer) => [peer.name, peer] as const))('%s', (_name, peer) => {
  test('meets every case of forwarding but those that it declares', async () => {
    expect(peer.capabilities).toEqual(['forwarding']);
    expect(await failuresInProcess(peer, { waitMs: WAIT_MS })).toEqual([]);
  });

  test('could not meet what it declares', async () => {
    const declared = (peer.skips ?? []).map((skip) => skip.case).filter((id) => !DEADLY.has(id));
    expect(await passedOf(peer, declared)).toEqual([]);
  });

  test('names its version, and that of every undici in it', () => {
    expect(peer.version).toMatch(/^\d+\.\d+\.\d+/);
    const manifest = readFileSync(new URL(`./${peer.name}.ts`, import.meta.url), 'utf8');
    if (manifest.includes("findPackage('undici'")) expect(peer.version).toMatch(/\d+\.\d+\.\d+/);
  });
});

async function passedOf(peer: ProxyImplementation, ids: readonly string[]): Promise<string[]> {
  const { cases } = await runConformance({
    open: openInProcess(peer),
    cases: CONFORMANCE_CASES.filter(({ id }) => ids.includes(id)),
    skips: [],
    waitMs: SHORT_WAIT_MS,
  });
  return cases.filter(({ status }) => status === 'passed').map(({ id }) => id);
}
