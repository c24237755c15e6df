/**
 * Holds several implementations against the suite, one after another. What each declares that it
 * cannot meet is run too: in a matrix it is a fact, to be shown with its bytes, and no failure. Who
 * cannot be started here is listed with the reason.
 */
import type { ConformanceCase } from '../../impls/conformance/index.ts';
import { BUILT_IN_NAMES } from '../../impls/registry.ts';
import { brokenClaims, heldRows, unavailableRows } from '../conformance/matrix.ts';
import type {
  CaseResult,
  ConformanceMatrix,
  HeldRow,
  MatrixCase,
  MatrixRow,
  UnavailableRow,
} from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import { holdAgainst, type Identity, probe } from './conformance-run.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { checkUrls } from './proxy-url.ts';
import { toolVersion } from './version.ts';

export interface MatrixRequest {
  /** Built-in names or paths, in the order of the table. */
  readonly specs: readonly string[];
  /** The cases that an implementation is held to. */
  readonly select: (identity: Identity) => readonly ConformanceCase[];
  /** Where proxies given by URL forward to. */
  readonly originAt?: LoopbackAddress | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: string, line: string) => void;
}

/** Bound of each wait for what is not claimed: most of it waits in vain. */
const UNCLAIMED_WAIT_MS = 1000;
/** Something that an implementation needs is not on this machine. */
const MISSING: ReadonlySet<string> = new Set(['package-missing', 'program-missing']);

/**
 * Starts each implementation once, so that a wrong name costs no time, then runs the cases. Throws
 * the HopmarkError of a name or a module that is wrong; one that cannot be started is a row.
 */
export async function runMatrix(request: MatrixRequest): Promise<ConformanceMatrix> {
  const { specs, originAt, signal, onProgress } = request;
  checkUrls(specs, originAt);
  const known = new Map<string, Identity | UnavailableRow>();
  for (const spec of specs) {
    onProgress('starting', `${spec}: starting`);
    known.set(spec, await identify(spec, signal));
  }
  const rows: MatrixRow[] = [];
  for (const [spec, found] of known) {
    const place = `[${rows.length + 1}/${known.size}] ${spec}`;
    rows.push('state' in found ? found : await hold(spec, found, place, request));
  }
  return { rows };
}

async function identify(spec: string, signal: AbortSignal): Promise<Identity | UnavailableRow> {
  try {
    return await probe(spec, signal);
  } catch (error) {
    if (!(error instanceof HopmarkError) || signal.aborted) throw error;
    const { code, side, message: reason, remedy } = error;
    const missing = MISSING.has(code);
    if (!missing && side !== 'sut') throw error;
    return { state: 'unavailable', spec, why: missing ? 'missing' : 'broken', reason, remedy };
  }
}

async function hold(
  spec: string,
  identity: Identity,
  place: string,
  { select, originAt, signal, onProgress }: MatrixRequest,
): Promise<HeldRow> {
  const cases = select(identity);
  const declared = new Map(identity.skips.map((skip) => [skip.case, skip.reason]));
  let done = 0;
  const step = (): void => {
    done += 1;
    onProgress(spec, `${place}: ${done} of ${cases.length} cases`);
  };
  const isClaimed = ({ id, tier }: ConformanceCase): boolean =>
    identity.capabilities.includes(tier) && !declared.has(id);
  const claims = cases.filter(isClaimed);
  const claimed = await holdAgainst(spec, identity, claims, signal, step, { originAt });
  const rest = cases.filter((one) => !isClaimed(one));
  const bare = { ...identity, skips: [] };
  const facts = await holdAgainst(spec, bare, rest, signal, step, {
    originAt,
    waitMs: UNCLAIMED_WAIT_MS,
  });
  const byId = new Map([...claimed.cases, ...facts.cases].map((one) => [one.id, one]));
  const results = cases.flatMap(({ id }) => byId.get(id) ?? []);
  return {
    state: 'held',
    spec,
    version: identity.version ?? (BUILT_IN_NAMES.includes(spec) ? toolVersion() : null),
    capabilities: identity.capabilities,
    cases: results.flatMap((one) => toMatrixCase(one, identity, declared)),
    untried: results.filter((one) => one.status === 'skipped'),
    durationMs: claimed.durationMs + facts.durationMs,
  };
}

function toMatrixCase(
  result: CaseResult,
  identity: Identity,
  declared: ReadonlyMap<string, string>,
): readonly MatrixCase[] {
  if (result.status === 'skipped') return [];
  const reason = declared.get(result.id) ?? null;
  const claimed = reason === null && identity.capabilities.includes(result.tier);
  return [{ ...result, declared: reason, claimed }];
}

/**
 * 0 if the matrix could be made; 1 if an implementation fails what it claims; 4 if one failed to
 * start; 3 if one that was asked for by name is not here, or none is.
 */
export function exitCodeOfMatrix(matrix: ConformanceMatrix, named: readonly string[]): ExitCode {
  const held = heldRows(matrix);
  const absent = unavailableRows(matrix);
  if (held.some((row) => brokenClaims(row).length > 0)) return EXIT.failed;
  if (absent.some(({ why }) => why === 'broken')) return EXIT.broken;
  const missed = absent.some(({ spec }) => named.includes(spec));
  return missed || held.length === 0 ? EXIT.inconclusive : EXIT.held;
}
