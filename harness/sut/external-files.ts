/** The files of one start of a command, in the folder of its tree. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExternalImplementation } from '../../impls/contract.ts';
import type { ChildStart } from './child-protocol.ts';
import { type FilledDefinition, fillDefinition } from './external-config.ts';
import type { ProcessTree } from './process-tree.ts';

/** Others may pass through, as workers that run as somebody else must, and not look around. */
const FOLDER_MODE = 0o711;

/** Makes the tree's folder and the file that its members hold open. */
export async function makeTreeFolder(tree: ProcessTree): Promise<void> {
  await mkdir(tree.folder, { mode: FOLDER_MODE });
  await mkdir(commandFolder(tree), { mode: FOLDER_MODE });
  await writeFile(tree.lifeline, '');
}

/** What a definition knows as `{{folder}}`. */
export function commandFolder(tree: ProcessTree): string {
  return join(tree.folder, 'own');
}

/** Fills in a definition for a port and writes what it reads. Throws as {@link fillDefinition}. */
export async function writeExternalFiles(
  definition: ExternalImplementation,
  { spec, upstream, policy, logPath }: ChildStart,
  tree: ProcessTree,
  port: number,
): Promise<FilledDefinition> {
  const files = {
    folder: commandFolder(tree),
    config: join(tree.folder, definition.configName ?? 'config'),
    policy: join(tree.folder, 'policy.json'),
    upstreamCa: join(tree.folder, 'upstream-ca.pem'),
  };
  const filled = fillDefinition(definition, { spec, port, upstream, policy, logPath, files });
  await writeFile(files.policy, JSON.stringify(policy));
  await writeFile(files.upstreamCa, upstream.ca ?? '');
  // Last, so that no other file of ours has its name.
  if (filled.config !== null) await writeFile(files.config, filled.config);
  return filled;
}
