/**
 * What a component scenario is: cases, each of which drives one operation of an implementation on
 * operands that follow from a seed. Types and names; `scenarios/components` holds the scenarios,
 * `drivers/components.ts` times them.
 */
import { createHash } from 'node:crypto';
import type { Eventually, ProxyComponents, ProxyOptions } from '../../impls/contract.ts';

/** One component, in several cases. */
export interface ComponentScenario {
  /** What `--scenario` takes: lower-case letters, digits and dashes. */
  readonly name: string;
  /** One line for tables. */
  readonly title: string;
  /** What an operation is, and what it leaves out. */
  readonly description: string;
  /** Raised whenever an operation or its operands change: figures of different ones never meet. */
  readonly revision: number;
  readonly cases: readonly ComponentCase[];
}

/** One operation on one kind of operands. */
export interface ComponentCase {
  /** Unique in its scenario: lower-case letters, digits and dashes. */
  readonly name: string;
  /** A clause for tables. */
  readonly title: string;
  /** Makes it ready. The same setting gives the same operands in any process. */
  prepare(components: ProxyComponents, setting: ComponentSetting): Promise<Operation>;
}

/** What all cases of a run are made from. */
export interface ComponentSetting {
  /** An integer of 32 bits. */
  readonly seed: number;
  /** One without rules, which cases put theirs into. */
  readonly policy: ProxyOptions['policy'];
}

/** An operation that is ready to be driven. It goes through its operands in a circle. */
export interface Operation {
  /** What it gives for the first operands, each as a text: the same for every implementation. */
  answers(): Promise<readonly string[]>;
  /**
   * Makes operands that were never seen before for the next `count` operations. Called before each
   * run, outside of what is timed; missing where the same operands serve again.
   */
  refresh?(count: number): void;
  /** Operates so many times. The number depends on every result, so that none is left out. */
  run(count: number): Eventually<number>;
}

/** What reports call a case: `regex-cache/cached-100`. No traffic scenario has a slash in its name. */
export function caseScenario(scenario: ComponentScenario, one: ComponentCase): string {
  return `${scenario.name}/${one.name}`;
}

/** The hash under which reports name a case: of its names and its scenario's revision. */
export function caseHash(scenario: ComponentScenario, one: ComponentCase): string {
  return createHash('sha256')
    .update(`${caseScenario(scenario, one)} ${scenario.revision}`)
    .digest('hex')
    .slice(0, 16);
}
