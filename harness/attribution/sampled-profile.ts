/**
 * Reads profiles as V8 writes them and adds up what each function took by itself. It does not compare
 * them, and does not know whose they are.
 */
import { z } from 'zod';

/** A function as V8 names it. */
export interface FunctionName {
  readonly name: string;
  /** A URL, `node:...`, or empty for a native function. */
  readonly url: string;
  /** From 1; 0 for a native function. */
  readonly line: number;
}

/** One function of one process: its samples, added up. */
export interface SampledFrame extends FunctionName {
  /** Of a native function: what calls it. Null where nothing does, and for others. */
  readonly caller: FunctionName | null;
  /** Microseconds, or bytes. */
  readonly total: number;
  /** The sum of each sample's square: the variance of the total. */
  readonly squares: number;
}

const callFrame = z.object({
  functionName: z.string(),
  url: z.string(),
  lineNumber: z.number(),
});
type CallFrame = z.infer<typeof callFrame>;

const cpuProfile = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame, children: z.array(z.number()).exactOptional() }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

interface HeapNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children: readonly HeapNode[];
}

const heapNode: z.ZodType<HeapNode> = z.object({
  id: z.number(),
  callFrame,
  get children() {
    return z.array(heapNode);
  },
});

const heapProfile = z.object({
  head: heapNode,
  samples: z.array(z.object({ nodeId: z.number(), size: z.number() })),
});

/** A node of the tree of calls, by ids. */
interface CallNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children: readonly number[];
}

/** Not work: waiting, and the root of the tree. */
const NO_WORK: ReadonlySet<string> = new Set(['(idle)', '(root)']);

/**
 * The functions of a `.cpuprofile`, in microseconds. Each sample counts as much as any other, the
 * median distance of two: one that came late, because others had the CPU, says nothing of how long
 * its function ran. Throws if the text is no such profile.
 */
export function readCpuProfile(text: string): readonly SampledFrame[] {
  const { nodes, samples, timeDeltas } = cpuProfile.parse(JSON.parse(text));
  const inOrder = timeDeltas.toSorted((a, b) => a - b);
  const intervalUs = inOrder[Math.floor(inOrder.length / 2)] ?? 0;
  return addUp(
    nodes.map((node) => ({ ...node, children: node.children ?? [] })),
    samples.map((nodeId) => ({ nodeId, size: intervalUs })),
  ).filter(({ name }) => !NO_WORK.has(name));
}

/** The functions of a `.heapprofile`, in bytes. Throws if the text is no such profile. */
export function readHeapProfile(text: string): readonly SampledFrame[] {
  const { head, samples } = heapProfile.parse(JSON.parse(text));
  const nodes: CallNode[] = [];
  const waiting: HeapNode[] = [head];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    nodes.push({ ...node, children: node.children.map(({ id }) => id) });
    waiting.push(...node.children);
  }
  return addUp(nodes, samples);
}

function addUp(
  nodes: readonly CallNode[],
  samples: readonly { readonly nodeId: number; readonly size: number }[],
): SampledFrame[] {
  const identities = identify(nodes);
  const frames = new Map<string, SampledFrame>();
  for (const { nodeId, size } of samples) {
    const identity = identities.get(nodeId);
    if (identity === undefined) continue;
    const key = JSON.stringify(identity);
    const { total, squares } = frames.get(key) ?? { total: 0, squares: 0 };
    frames.set(key, { ...identity, total: total + size, squares: squares + size * size });
  }
  return [...frames.values()];
}

type Identity = Omit<SampledFrame, 'total' | 'squares'>;

/** What each node is, by its id. */
function identify(nodes: readonly CallNode[]): ReadonlyMap<number, Identity> {
  const callerOf = new Map(nodes.flatMap((node) => node.children.map((id) => [id, node] as const)));
  const callersOf = ({ id }: CallNode): readonly FunctionName[] => {
    const caller = callerOf.get(id);
    return caller === undefined ? [] : [nameOf(caller), ...callersOf(caller)];
  };
  return new Map(
    nodes.map((node) => {
      const own = nameOf(node);
      return [node.id, { ...own, caller: own.url === '' ? tellingOf(callersOf(node)) : null }];
    }),
  );
}

/** Of a native function's callers: code of a project says more than the parts of Node between. */
function tellingOf(callers: readonly FunctionName[]): FunctionName | null {
  return (
    callers.find(({ url }) => url.startsWith('file:')) ??
    callers.find(({ url }) => url !== '') ??
    null
  );
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: CallNode): FunctionName {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return { name, url, line: url === '' ? 0 : lineNumber + 1 };
}
