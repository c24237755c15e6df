/**
 * Makes an operation out of a step and its operands. The loops are here, so that a step is all that
 * a scenario writes; one for implementations that answer at once and one for those that have to be
 * waited for, since waiting costs more than a fast step does.
 */
import type { Eventually } from '../../../impls/contract.ts';
import type { Operation } from '../../model/component.ts';

/** One operation and what is done with its results. */
export interface Step<Operand extends object | string | number, Result> {
  /** At least one. */
  readonly operands: readonly Operand[];
  /** What is timed. */
  act(operand: Operand): Eventually<Result>;
  /** A number that depends on the result and costs next to nothing. */
  score(result: Result): number;
  /** The result as a text that is the same for every implementation. */
  describe(result: Result): string;
  /** New operands for the next `count` operations, where the same ones cannot serve again. */
  refresh?(count: number): readonly Operand[];
}

/** Answers that are compared, at most. */
const COMPARED = 32;

/** An operation that goes through the operands in a circle. */
export async function createOperation<Operand extends object | string | number, Result>(
  step: Step<Operand, Result>,
): Promise<Operation> {
  const { act, score, describe, refresh } = step;
  const [first] = step.operands;
  if (first === undefined) throw new Error('an operation needs an operand');
  const answer = act(first);
  const waits = answer instanceof Promise;
  await answer;
  let operands = step.operands;
  let at = 0;

  const runAtOnce = (count: number): number => {
    const list = operands;
    let index = at;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      const operand = list[index] ?? first;
      index = index + 1 < list.length ? index + 1 : 0;
      const result = act(operand);
      if (result instanceof Promise) throw new Error('it answers at once, and then it does not');
      sum = (sum + score(result)) | 0;
    }
    at = index;
    return sum;
  };
  const runWaiting = async (count: number): Promise<number> => {
    const list = operands;
    let index = at;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      const operand = list[index] ?? first;
      index = index + 1 < list.length ? index + 1 : 0;
      sum = (sum + score(await act(operand))) | 0;
    }
    at = index;
    return sum;
  };
  return {
    answers: async () => {
      const described: string[] = [];
      for (const operand of operands.slice(0, COMPARED)) {
        described.push(describe(await act(operand)));
      }
      return described;
    },
    run: waits ? runWaiting : runAtOnce,
    ...(refresh === undefined
      ? {}
      : {
          refresh: (count: number) => {
            operands = refresh(count);
            at = 0;
          },
        }),
  };
}
