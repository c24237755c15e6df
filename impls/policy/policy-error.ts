/** The one error of a policy that is refused. It formats; it does not find problems. */

/** One thing that is wrong. */
export interface PolicyProblem {
  readonly file: string;
  /** From 1; 0 where there is no text, as for a policy made in code. */
  readonly line: number;
  readonly column: number;
  /** The key's path, such as `drop.rules[0].match.path.patterns[1]`; empty for the whole file. */
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}

/** A policy that is refused whole. The message shows every problem, one a line. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code = 'policy-refused';
  /** The side on which it arose. */
  readonly side = 'user';
  /** In the order of the file; at least one. */
  readonly problems: readonly PolicyProblem[];

  constructor(file: string, problems: readonly PolicyProblem[], cause?: unknown) {
    const inOrder = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    const count = inOrder.length === 1 ? '1 problem' : `${inOrder.length} problems`;
    super(
      [`the policy ${file} is refused (${count}):`, ...inOrder.map(describe)].join('\n'),
      cause === undefined ? {} : { cause },
    );
    this.problems = inOrder;
  }
}

function describe(problem: PolicyProblem): string {
  const place =
    problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${place}  ${key}found ${problem.found}, expected ${problem.expected}`;
}
