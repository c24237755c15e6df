import { Socket } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import baseline from '../../impls/baseline/index.ts';
import { CONFORMANCE_CASES } from '../../impls/conformance/index.ts';
import type { ProxyHandler } from '../../impls/contract.ts';
import optimized from '../../impls/optimized/index.ts';
import { failuresInProcess } from '../conformance/in-process.ts';
import { median } from '../stats/quantile.ts';
import { AllocationCounter } from './allocation-count.ts';
import { type InjectionClock, injectInto } from './injection.ts';

const FAST = CONFORMANCE_CASES.filter((one) => one.fast);

test.each([optimized, baseline])('an injected $name answers as before', async (one) => {
  const injected = {
    ...one,
    create: async (options: Parameters<typeof one.create>[0]) =>
      injectInto(await one.create(options), { cpuShare: 0.5, allocBytes: 640 }),
  };
  expect(await failuresInProcess(injected, { cases: FAST, waitMs: 5000 })).toEqual([]);
});

describe('injected CPU time', () => {
  it('is the stated share of what the rest uses, however much that is', () => {
    const clock = new FakeClock();
    const socket = watchedSocket({ cpuShare: 0.05, allocBytes: null }, clock, () => 0);
    for (const ownUs of [22, 200]) {
      clock.spunUs = 0;
      for (let index = 0; index < 3200; index += 1) {
        clock.work(ownUs);
        socket.write('x');
      }
      expect(clock.spunUs / (3200 * ownUs)).toBeCloseTo(0.05, 2);
    }
  });

  it('leaves out what other threads use while the event loop waits', () => {
    const clock = new FakeClock();
    const socket = watchedSocket({ cpuShare: 0.05, allocBytes: null }, clock, () => 0);
    for (let wave = 0; wave < 200; wave += 1) {
      clock.cpu += 5000;
      clock.now += 20_000;
      clock.idle += 20_000;
      for (let index = 0; index < 16; index += 1) {
        clock.work(40);
        socket.write('x');
      }
    }
    expect(clock.spunUs / (3200 * 40)).toBeCloseTo(0.05, 2);
  });

  it('has the requests that were read before the first of a wave was answered', () => {
    const clock = new FakeClock();
    const socket = watchedSocket({ cpuShare: 0.05, allocBytes: null }, clock, () => 0);
    for (let wave = 0; wave < 200; wave += 1) {
      clock.now += 20_000;
      clock.idle += 20_000;
      clock.work(32 * 20);
      for (let index = 0; index < 32; index += 1) {
        clock.work(20);
        socket.write('x');
      }
    }
    expect(clock.spunUs / (200 * 32 * 40)).toBeCloseTo(0.05, 3);
  });

  it('counts what reading the clock costs as part of it', () => {
    const clock = new FakeClock();
    clock.readingUs = 2;
    const socket = watchedSocket({ cpuShare: 0.05, allocBytes: null }, clock, () => 0);
    const before = clock.cpu;
    for (let index = 0; index < 3200; index += 1) {
      clock.work(22);
      socket.write('x');
    }
    const own = 3200 * 22;
    expect((clock.cpu - before - own) / own).toBeCloseTo(0.05, 2);
  });

  it('comes with every write, in nearly equal parts', () => {
    const clock = new FakeClock();
    const socket = watchedSocket({ cpuShare: 0.05, allocBytes: null }, clock, () => 0);
    const spins: number[] = [];
    for (let index = 0; index < 3200; index += 1) {
      clock.work(40);
      const before = clock.spunUs;
      socket.write('x');
      if (index >= 1600) spins.push(clock.spunUs - before);
    }
    expect(Math.min(...spins)).toBeGreaterThan(1.7);
    expect(Math.max(...spins)).toBeLessThan(2.3);
  });

  it('takes time off the CPU, preempted, for no part of it', () => {
    const clock = new FakeClock();
    const socket = watchedSocket({ cpuShare: 0.1, allocBytes: null }, clock, () => 0);
    clock.preemptedEvery = 1000;
    for (let index = 0; index < 6400; index += 1) {
      clock.work(20);
      socket.write('x');
    }
    expect(clock.spunUs / (6400 * 20)).toBeCloseTo(0.1, 2);
  });
});

describe('injected allocation', () => {
  it.each([64, 100])('is %d bytes a request, by the exact count', (bytes) => {
    const perRequest = (allocBytes: number): number => {
      let requests = 0;
      const injection = { cpuShare: null, allocBytes };
      const socket = watchedSocket(injection, new FakeClock(), () => requests);
      const counter = new AllocationCounter();
      const send = (count: number): void => {
        for (let index = 0; index < count; index += 1) {
          requests += 1;
          // An answer in two parts is one request.
          socket.write('x');
          socket.write('y');
        }
      };
      send(60_000);
      // Code that is compiled in the background allocates less from then on, which may fall into
      // any of these: the middle one is of one kind of code.
      const batches = Array.from({ length: 5 }, () => {
        const before = counter.read().allocatedBytes;
        send(60_000);
        return (counter.read().allocatedBytes - before) / 60_000;
      });
      return median(batches);
    };
    const without = perRequest(0);
    expect(Math.abs(perRequest(bytes) - without - bytes)).toBeLessThan(2);
  });
});

/** A process whose spinning takes time and CPU time, but for a preemption now and then. */
class FakeClock implements InjectionClock {
  cpu = 0;
  now = 0;
  idle = 0;
  spunUs = 0;
  readingUs = 0;
  /** Readings of the time from one preemption to the next. */
  preemptedEvery = Number.POSITIVE_INFINITY;
  #readings = 0;

  /** What the rest of the process does for so long. */
  work(us: number): void {
    this.cpu += us;
    this.now += us;
  }

  idleUs(): number {
    return this.idle;
  }

  cpuUs(): number {
    this.cpu += this.readingUs;
    this.now += this.readingUs;
    return this.cpu;
  }

  nowUs(): number {
    this.#readings += 1;
    if (this.#readings % this.preemptedEvery === 0) this.now += 4000;
    this.now += 0.05;
    this.cpu += 0.05;
    this.spunUs += 0.05;
    return this.now;
  }
}

/** A client's socket that writes nowhere, behind a handler that counts so many requests. */
function watchedSocket(
  injection: Parameters<typeof injectInto>[1],
  clock: InjectionClock,
  requests: () => number,
): Socket {
  const counters: ReturnType<ProxyHandler['counters']> = {
    get requests() {
      return requests();
    },
    responses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
    dropped: 0,
    errors: {},
    caches: {},
    pools: {},
    log: { written: 0, dropped: 0 },
    upstream: { opened: 0, reused: 0, retried: 0 },
  };
  const handler: ProxyHandler = {
    handle: () => {},
    reload: () => ({ rules: 0, patternsKept: 0, patternsCompiled: 0 }),
    counters: () => counters,
    drain: async () => ({ finished: 0, destroyed: 0 }),
    close: async () => {},
  };
  const socket = new Socket();
  socket.write = () => true;
  injectInto(handler, injection, clock).handle(socket);
  return socket;
}
