/**
 * The process of the dashboard: `dashboard-entry --color|--no-color`, on the terminal of the run that
 * started it. It draws when it is told to, which is between waves, and does nothing meanwhile. It ends
 * when the run closes it or goes away.
 */
import type { Dashboard } from './dashboard.ts';
import type { FromDashboard, ToDashboard } from './protocol.ts';
import { putTerminalRight } from './put-terminal-right.ts';

const color = process.argv[2] !== '--no-color';
// What colours ink's own parts reads this when it is loaded.
process.env.FORCE_COLOR = color ? '1' : '0';
const { openDashboard } = await import('./dashboard.ts');

function tell(message: FromDashboard): void {
  if (process.connected) process.send?.(message);
}

const dashboard: Dashboard = openDashboard({
  stdin: process.stdin,
  stdout: process.stdout,
  color,
  onWish: (wish) => tell({ type: 'wish', wish }),
});

async function close(): Promise<never> {
  await dashboard.close();
  process.exit(0);
}

function abandon(): never {
  putTerminalRight();
  process.exit(1);
}

process.on('message', (message: ToDashboard) => {
  if (message.type === 'close') void close();
  else void dashboard.show(message.events).then(() => tell({ type: 'drawn' }));
});
// A run that was killed leaves this in the background, where the terminal cannot be given back in peace.
process.on('disconnect', abandon);
process.on('uncaughtException', abandon);
// The run hears of them too, and closes this when it has reported.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
tell({ type: 'ready' });
