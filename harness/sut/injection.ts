/**
 * A slowdown on purpose, of a known size, so that anyone can see a comparison catch one: a wrapper
 * around any handler, whatever it is made of, that only looks at what is written to its clients.
 *
 * Its clock is the whole process's CPU time, so what compiler and collector threads use is charged
 * too. What was used during one stretch of {@link WRITES_A_READING} writes is charged during the
 * next, in equal parts: the sum is exact, and the median of single requests sees it as the mean does.
 * What other threads use while nobody asks the process anything is not charged: after a pause it is what
 * the event loop was at work, which also has the requests that were read before the first was answered.
 */
import type { Socket } from 'node:net';
import type {
  DrainReport,
  ProxyCounters,
  ProxyHandler,
  ReloadReport,
} from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';

/** What is added to a system under test. */
export interface Injection {
  /** CPU time on top, as a share of what it uses by itself: 0.05 is 5 %. Null: none. */
  readonly cpuShare: number | null;
  /** Heap bytes allocated on top, a request. Null: none. */
  readonly allocBytes: number | null;
}

/** The clocks, replaced in tests. All in microseconds. */
export interface InjectionClock {
  /** CPU time of the process. */
  cpuUs(): number;
  /** Monotonic. */
  nowUs(): number;
  /** How long the event loop has waited for events. */
  idleUs(): number;
}

const PROCESS_CLOCK: InjectionClock = {
  cpuUs: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  nowUs: () => performance.now() * 1000,
  idleUs: () => performance.nodeTiming.idleTime * 1000,
};

/** A reading of the CPU clock costs about a microsecond: too much for every write. */
const WRITES_A_READING = 8;
/** No write for so long may be a pause. */
const PAUSE_US = 2000;
/** Readings of the time that tell what one costs. */
const TIMED_READINGS = 512;
/** Who spun for so much longer than intended was preempted, and used no CPU meanwhile. */
const PREEMPTED_US = 20;
/** So many writes are charged at once. */
const WRITES_A_CHARGE = 512;
/**
 * A proxy's counters are read for the first charge and each of so many: that allocates by itself, where
 * there are histograms in them tens of kilobytes. Those between take writes for as many requests as before.
 */
const CHARGES_A_COUNT = 64;
/** What a {@link Block} takes: map, properties, elements and five fields of eight bytes. */
const BLOCK_BYTES = 64;

/** The handler with the injection around it; reload, counters, drain and close are its own. */
export function injectInto(
  handler: ProxyHandler,
  injection: Injection,
  clock: InjectionClock = PROCESS_CLOCK,
): ProxyHandler {
  return new InjectedHandler(handler, injection, clock);
}

class InjectedHandler implements ProxyHandler {
  readonly #handler: ProxyHandler;
  readonly #cpu: CpuCharge | null;
  readonly #heap: HeapCharge | null;

  constructor(handler: ProxyHandler, { cpuShare, allocBytes }: Injection, clock: InjectionClock) {
    this.#handler = handler;
    this.#cpu = cpuShare === null ? null : new CpuCharge(cpuShare, clock);
    this.#heap = allocBytes === null ? null : new HeapCharge(allocBytes, handler);
  }

  handle(socket: Socket, initialBytes?: Uint8Array): void {
    this.#watch(socket);
    this.#handler.handle(socket, initialBytes);
  }

  reload(policy: Policy): ReloadReport | Promise<ReloadReport> {
    return this.#handler.reload(policy);
  }

  counters(): ProxyCounters {
    return this.#handler.counters();
  }

  drain(deadlineMs: number): Promise<DrainReport> {
    return this.#handler.drain(deadlineMs);
  }

  close(): Promise<void> {
    return this.#handler.close();
  }

  /**
   * Sees every write to a client: at the socket's handle, since not everybody writes by the stream, or by
   * the stream where there is no handle that is known.
   */
  #watch(socket: Socket): void {
    const cpu = this.#cpu;
    const heap = this.#heap;
    const written = (): void => {
      cpu?.written();
      heap?.written();
    };
    const handle: unknown = Reflect.get(socket, '_handle');
    const isKnown = isObject(handle) && 'writeBuffer' in handle;
    const target: object = isKnown ? handle : socket;
    for (const name of isKnown ? HANDLE_WRITES : STREAM_WRITES) {
      const write: unknown = Reflect.get(target, name);
      if (typeof write !== 'function') continue;
      // Arguments are passed on by place, because gathering them would allocate on every call.
      Reflect.set(target, name, (a: unknown, b: unknown, c: unknown): unknown => {
        written();
        return write.call(target, a, b, c);
      });
    }
  }
}

const STREAM_WRITES = ['write', 'end'] as const;
/** Of a socket's handle, which Node does not document. */
const HANDLE_WRITES = [
  ...(['writeBuffer', 'writev', 'writeLatin1String', 'writeUtf8String'] as const),
  ...(['writeAsciiString', 'writeUcs2String'] as const),
];

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Spins so that, over time, spinning is the stated share of all other CPU time. */
class CpuCharge {
  readonly #share: number;
  readonly #clock: InjectionClock;
  /** A reading of the time: half of it falls before what it tells, half after. */
  readonly #readingUs: number;
  #writtenAtUs: number;
  /** At the latest reading, in order of the clocks; how much was spun and how often written since. */
  #readUs: number;
  #readAtUs: number;
  #idleUs: number;
  #spunUs = 0;
  #writes = 0;
  #owedUs = 0;

  constructor(share: number, clock: InjectionClock) {
    this.#share = share;
    this.#clock = clock;
    const beganUs = clock.nowUs();
    for (let reading = 1; reading < TIMED_READINGS; reading += 1) clock.nowUs();
    this.#writtenAtUs = clock.nowUs();
    this.#readingUs = (this.#writtenAtUs - beganUs) / TIMED_READINGS;
    this.#readAtUs = this.#writtenAtUs;
    this.#idleUs = clock.idleUs();
    this.#readUs = clock.cpuUs();
  }

  written(): void {
    const beganUs = this.#clock.nowUs();
    this.#writes += 1;
    if (beganUs - this.#writtenAtUs > PAUSE_US) this.#chargeAtWork(beganUs);
    else if (this.#writes === WRITES_A_READING) this.#owedUs += this.#read(beganUs) * this.#share;
    const wantedUs = this.#owedUs / (WRITES_A_READING - this.#writes);
    const untilUs = beganUs + wantedUs - this.#readingUs;
    let nowUs = this.#clock.nowUs();
    while (nowUs < untilUs) nowUs = this.#clock.nowUs();
    this.#writtenAtUs = nowUs;
    const tookUs = nowUs - beganUs + this.#readingUs;
    const spunUs = tookUs > wantedUs + PREEMPTED_US ? Math.max(wantedUs, 0) : tookUs;
    this.#spunUs += spunUs;
    this.#owedUs -= spunUs;
  }

  /** Of what was used since the latest reading, at most what the event loop was at work. */
  #chargeAtWork(nowUs: number): void {
    const idleBeforeUs = this.#idleUs;
    const sinceUs = nowUs - this.#readAtUs - this.#spunUs;
    const ownUs = this.#read(nowUs);
    const atWorkUs = sinceUs - (this.#idleUs - idleBeforeUs);
    this.#owedUs += Math.max(0, Math.min(ownUs, atWorkUs)) * this.#share;
  }

  /** CPU time since the latest reading, less what was spun. */
  #read(nowUs: number): number {
    const cpuUs = this.#clock.cpuUs();
    const ownUs = cpuUs - this.#readUs - this.#spunUs;
    this.#readUs = cpuUs;
    this.#readAtUs = nowUs;
    this.#idleUs = this.#clock.idleUs();
    this.#spunUs = 0;
    this.#writes = 0;
    return ownUs;
  }
}

/** Allocates the stated bytes a request, for some hundred requests at once: only the sum counts. */
class HeapCharge {
  readonly #bytes: number;
  readonly #handler: ProxyHandler;
  #writes = 0;
  #charges = 0;
  #chargedRequests: number;
  #countedRequests: number;
  /** Requests a write, as counted last. */
  #ratio = 1;
  #writesSinceCount = 0;
  #owedBytes = 0;

  constructor(bytes: number, handler: ProxyHandler) {
    this.#bytes = bytes;
    this.#handler = handler;
    this.#countedRequests = handler.counters().requests;
    this.#chargedRequests = this.#countedRequests;
  }

  written(): void {
    this.#writes += 1;
    if (this.#writes < WRITES_A_CHARGE) return;
    this.#writesSinceCount += this.#writes;
    const isCounted = this.#charges % CHARGES_A_COUNT === 0;
    const done = isCounted ? this.#count() : this.#writes * this.#ratio;
    this.#charges += 1;
    this.#writes = 0;
    this.#chargedRequests += done;
    this.#owedBytes += done * this.#bytes;
    for (; this.#owedBytes >= BLOCK_BYTES; this.#owedBytes -= BLOCK_BYTES) latest = new Block();
  }

  /** Requests that are not charged yet. */
  #count(): number {
    const { requests } = this.#handler.counters();
    // Who counts no requests, as a splice of bytes, is charged by writes.
    if (requests === 0) return this.#writes;
    const counted = requests - this.#countedRequests;
    this.#ratio = counted / this.#writesSinceCount;
    this.#countedRequests = requests;
    this.#writesSinceCount = 0;
    return requests - this.#chargedRequests;
  }
}

/** Holds the latest one, which keeps the compiler from removing the allocation. */
let latest: Block | null = null;

class Block {
  readonly a: number = 1;
  readonly b: number = 2;
  readonly c: number = 3;
  readonly d: number = 4;
  readonly previous: boolean = latest === null;
}
