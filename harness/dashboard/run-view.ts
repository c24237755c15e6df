/**
 * What there is to be seen of a run after some of its events. Pure: the same events always give the
 * same view, live or replayed.
 */
import type {
  FigureSoFar,
  HopDistribution,
  LoadAdvanced,
  PauseChanged,
  RoundAdvanced,
  RoundDone,
  RunContestant,
  RunEvent,
} from '../model/run-event.ts';

export interface RunView {
  readonly command: string;
  readonly scenario: string;
  readonly contestants: readonly RunContestant[];
  /** What is done beside rounds; empty while rounds are measured. */
  readonly stage: string;
  readonly advanced: RoundAdvanced | null;
  /** The latest rounds, oldest first. */
  readonly rounds: readonly RoundDone[];
  readonly distribution: HopDistribution | null;
  readonly figures: readonly FigureSoFar[];
  readonly load: LoadAdvanced | null;
  /** The latest moments of a load, oldest first. */
  readonly moments: readonly LoadAdvanced[];
  readonly pause: PauseChanged['state'];
}

export const NOTHING_SEEN: RunView = {
  command: '',
  scenario: '',
  contestants: [],
  stage: 'starting',
  advanced: null,
  rounds: [],
  distribution: null,
  figures: [],
  load: null,
  moments: [],
  pause: 'none',
};

/** Who is shown: not the direct requests, and a second process of the reference is the reference. */
export function shownContestants({ contestants }: RunView): readonly RunContestant[] {
  return contestants.filter(({ role }) => role !== 'direct' && role !== 'twin');
}

/** No line shows more, and a soak goes on for hours. */
const MOST_KEPT = 240;

/** The view after one more event. */
export function see(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case 'begun': {
      const { command, scenario, contestants } = event;
      // What was asked for before a run began holds for it too.
      return { ...NOTHING_SEEN, command, scenario, contestants, pause: view.pause };
    }
    case 'stage':
      return { ...view, stage: event.text };
    case 'advanced':
      return { ...view, stage: '', advanced: event };
    case 'round':
      return {
        ...view,
        rounds: [...view.rounds, event].slice(-MOST_KEPT),
        distribution: event.distribution ?? view.distribution,
        figures: event.figures,
      };
    case 'load':
      return {
        ...view,
        stage: '',
        load: event,
        moments: event.live === null ? view.moments : [...view.moments, event].slice(-MOST_KEPT),
      };
    case 'pause':
      return { ...view, pause: event.state };
  }
}
