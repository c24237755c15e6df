/**
 * A definition's texts with their placeholders filled in. Pure but for the names of files, which it
 * is given. What each placeholder means is in `impls/contract.ts`.
 */
import type { ExternalImplementation, Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { HopmarkError } from '../model/error.ts';

/** What differs from one start of a command to the next. */
export interface ExternalSetting {
  /** What the user named, for messages. */
  readonly spec: string;
  readonly port: number;
  readonly upstream: Upstream;
  readonly policy: Policy;
  readonly logPath: string;
  readonly files: ExternalFiles;
}

/** The files of one start, absolute. */
export interface ExternalFiles {
  /** Empty, and the command's own. */
  readonly folder: string;
  readonly config: string;
  readonly policy: string;
  readonly upstreamCa: string;
}

/** A definition that is ready to be started. */
export interface FilledDefinition {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Null where it has none. */
  readonly config: string | null;
}

/** What a proxy is told to listen on. */
export const LISTEN_HOST = '127.0.0.1';
/** Processes or threads that serve: one, as every other proxy has. */
const WORKERS = 1;

/** Fills in a definition. Throws a user's HopmarkError, `unknown-placeholder`. */
export function fillDefinition(
  { args = [], env = {}, configTemplate }: ExternalImplementation,
  setting: ExternalSetting,
): FilledDefinition {
  const values = valuesOf(setting);
  const fill = (text: string): string => fillText(text, values, setting.spec);
  return {
    args: args.map(fill),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
    config: configTemplate === undefined ? null : fill(configTemplate),
  };
}

type Values = ReadonlyMap<string, string | number>;

function valuesOf({ port, upstream, policy, logPath, files }: ExternalSetting): Values {
  const host = upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host;
  return new Map<string, string | number>([
    ['host', LISTEN_HOST],
    ['port', port],
    ['upstreamHost', upstream.host],
    ['upstreamPort', upstream.port],
    ['upstreamUrl', `${upstream.protocol}//${host}:${upstream.port}`],
    ['upstreamCaFile', files.upstreamCa],
    ['folder', files.folder],
    ['configFile', files.config],
    ['logFile', logPath],
    ['policyFile', files.policy],
    ['workers', WORKERS],
    ...Object.entries(policy.limits).flatMap(([name, value]) => limitValues(name, value)),
  ]);
}

const MS_PER_SECOND = 1000;

function limitValues(name: string, value: number): readonly [string, number][] {
  const own: [string, number] = [`limits.${name}`, value];
  if (!name.endsWith('Ms')) return [own];
  return [own, [`limits.${name.replace(/Ms$/, 'Seconds')}`, value / MS_PER_SECOND]];
}

function fillText(text: string, values: Values, spec: string): string {
  return text.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value !== undefined) return String(value);
    throw new HopmarkError(
      'user',
      'unknown-placeholder',
      `${spec} uses the placeholder {{${name}}}, which does not exist`,
      { remedy: `There are ${[...values.keys()].map((one) => `{{${one}}}`).join(', ')}.` },
    );
  });
}
