/** How a terminal marks a verdict. */
import type { Verdict } from '../model/report.ts';
import type { Style } from './style.ts';

export const VERDICT_MARKS: Readonly<
  Record<Verdict, { readonly mark: string; readonly style: Style }>
> = {
  improved: { mark: '✓', style: 'green' },
  unchanged: { mark: '=', style: 'plain' },
  regressed: { mark: '✗', style: 'red' },
  inconclusive: { mark: '?', style: 'yellow' },
};
