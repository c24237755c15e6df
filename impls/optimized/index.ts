/** The fast proxy: raw sockets on both sides and its own strict message reader. */
import { CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { createComponents } from './components.ts';
import { OptimizedHandler } from './handler.ts';
import { PARTS } from './parts.ts';

const optimized: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'optimized',
  capabilities: ['forwarding', 'strict', 'policy'],
  create: (options) => new OptimizedHandler(options),
  parts: PARTS,
  components: createComponents,
};

export default optimized;
