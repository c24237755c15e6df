#!/usr/bin/env node
// The launcher: checks the Node that runs it and hands over to harness/cli/main. In a checkout the
// sources themselves run (Node strips their types); in the published package the build in dist/.
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (process.platform === 'win32') {
  process.stderr.write('hopmark: Windows is not supported; use Linux, macOS or WSL.\n');
  process.exitCode = 2;
} else if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `hopmark: needs Node 22.19 or later, and this is ${process.versions.node}.\n` +
      'In a checkout, npm scripts bring their own Node: npm run compare, or npm exec hopmark -- --help.\n',
  );
  process.exitCode = 2;
} else {
  const source = new URL('../harness/cli/main.ts', import.meta.url);
  const built = new URL('../dist/harness/cli/main.js', import.meta.url);
  // Node keeps the code that it compiled in its usual temporary folder: each later start is faster.
  // Imported here: an old Node, which is refused above, does not have it.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import(existsSync(source) ? source.href : built.href);
  process.exitCode = await main(process.argv);
}
