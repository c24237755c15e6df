/**
 * The definition of a program that Hopmark starts by a command, several at once, each on a port of its
 * own. Everything is data; what differs from start to start is a placeholder in double braces, all of
 * which are listed in `impls/contract.ts`, with the fields that a definition may have.
 *
 * To try your own, replace `command` and `args`. A program with a configuration file gets one from
 * `configTemplate`, and its path as `{{configFile}}`: `impls/external/nginx.ts` does it so.
 */
import type { ExternalImplementation } from '../impls/contract.ts';

const proxy: ExternalImplementation = {
  contractVersion: 1,
  name: 'node-server',
  capabilities: ['forwarding'],
  // The Node that runs this; relative paths start at the folder of this file.
  command: process.execPath,
  args: ['./node-server.ts', '{{port}}', '{{upstreamPort}}'],
  env: { NODE_NO_WARNINGS: '1' },
  version: { args: ['--version'] },
};

export default proxy;
