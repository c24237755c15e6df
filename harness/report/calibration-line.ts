/** The line of a report that says what its noise floors rest on. */
import type { ReportDocument } from '../model/report.ts';

/** Where the noise floors come from, and what they were seen to be worth. */
export function describeCalibration(calibration: ReportDocument['calibration']): string {
  if (calibration === undefined)
    return 'not calibrated: the twin of this run gives the noise floors';
  const { measuredAt, rounds, budgetMs, gates, falseAlarms, inconclusive } = calibration;
  return `calibrated ${measuredAt.slice(0, 10)}, ${rounds} rounds; of ${gates} resampled gates of ${budgetMs / 1000} s without a change ${falseAlarms} cried wolf, ${inconclusive} were inconclusive`;
}
