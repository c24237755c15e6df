/**
 * A request that was not answered rightly, by kind. The driver stops at the first one: a proxy
 * that answers wrongly gets no number.
 */
import { HopmarkError } from '../model/error.ts';
import type { LoadExchange, WrongAnswerKind } from './answer-reader.ts';

/** Where load goes. */
export interface LoadTarget {
  /** For messages, such as `optimized (candidate)`. */
  readonly label: string;
  /** Whose fault a failed exchange is; `sut` if not given. */
  readonly side?: 'sut' | 'origin';
  readonly host: string;
  readonly port: number;
}

export type LoadErrorKind = WrongAnswerKind | 'connect-failed' | 'no-answer' | 'timeout';

/** Kinds in which the other side failed to answer, rather than answered wrongly. */
const UNANSWERED: ReadonlySet<LoadErrorKind> = new Set(['connect-failed', 'no-answer', 'timeout']);

/** One failed exchange. */
export class LoadError extends HopmarkError {
  readonly kind: LoadErrorKind;
  readonly target: LoadTarget;

  constructor(
    target: LoadTarget,
    kind: LoadErrorKind,
    detail: string,
    exchange: Pick<LoadExchange, 'method' | 'target'> | null,
  ) {
    const what = exchange === null ? '' : ` to ${exchange.method} ${exchange.target}`;
    super(
      target.side ?? 'sut',
      UNANSWERED.has(kind) ? 'unanswered' : 'wrong-answer',
      UNANSWERED.has(kind)
        ? `${target.label} gave no answer${what} (${kind}): ${detail}`
        : `${target.label} gave a wrong answer${what} (${kind}): ${detail}`,
      {
        remedy: UNANSWERED.has(kind)
          ? ''
          : 'No figures are reported for a proxy that answers wrongly; hopmark conform shows more.',
      },
    );
    this.kind = kind;
    this.target = target;
  }
}
