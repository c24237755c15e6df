/** What a run and the process of its dashboard say to each other. */
import type { RunEvent } from '../model/run-event.ts';

/** From the run. `drawn` is answered to every message that carries events. */
export type ToDashboard =
  | { readonly type: 'events'; readonly events: readonly RunEvent[] }
  | { readonly type: 'close' };

/** From the dashboard: what was drawn, and what its reader wants. */
export type FromDashboard =
  | { readonly type: 'ready' }
  | { readonly type: 'drawn' }
  | { readonly type: 'wish'; readonly wish: Wish };

/** `stop`: report what there is. `pause`: pause, or go on. `interrupt`: Ctrl-C. */
export type Wish = 'stop' | 'pause' | 'interrupt';
