import { describe, expect, it } from 'vitest';
import { parseInjection } from './inject-option.ts';

describe('--inject', () => {
  it('takes a share of CPU time or bytes a request', () => {
    expect(parseInjection('cpu=5%', undefined)).toEqual({ cpuShare: 0.05, allocBytes: null });
    expect(parseInjection('alloc=64', undefined)).toEqual({ cpuShare: null, allocBytes: 64 });
    expect(parseInjection('alloc=2KB', undefined).allocBytes).toBe(2048);
  });

  it('takes both, one after the other, and neither twice', () => {
    const both = parseInjection('alloc=64', parseInjection('cpu=2.5%', undefined));
    expect(both).toEqual({ cpuShare: 0.025, allocBytes: 64 });
    expect(() => parseInjection('cpu=1%', both)).toThrow('cpu is given twice');
  });

  it.each(['', 'cpu', 'cpu=', 'cpu=5', 'cpu=0%', 'cpu=-1%', 'cpu=2000%', 'memory=4'])(
    'refuses %j and says what it expects',
    (text) => {
      expect(() => parseInjection(text, undefined)).toThrow(/Expected cpu=5%/);
    },
  );

  it.each(['alloc=', 'alloc=0', 'alloc=1.5', 'alloc=5GB', 'alloc=64%', 'alloc=2MB'])(
    'refuses %j and says what it expects',
    (text) => {
      expect(() => parseInjection(text, undefined)).toThrow(/Expected alloc=64/);
    },
  );
});
