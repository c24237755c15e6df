/**
 * The original: one HTTP logging proxy as it is usually first written, `node:http` in front and
 * undici behind. It is the reference of every comparison and what a rollback goes back to, so it
 * stays what it is: correct and plain, patterns compiled for each request, the configuration taken
 * through a lock, headers copied through arrays, bodies collected whole. It deliberately has no
 * cache, no pool of its own and no streaming, and nothing in it is there to make it slow.
 */
import { CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { createComponents } from './components.ts';
import { createHandler } from './handler.ts';
import { skips } from './skips.ts';

/** The implementation that the registry knows as `baseline`. */
export const baseline: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'baseline',
  version: '1.0.0',
  capabilities: ['forwarding', 'strict', 'policy'],
  skips,
  create: createHandler,
  components: createComponents,
};

export default baseline;
