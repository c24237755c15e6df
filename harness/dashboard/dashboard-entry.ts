/**
 * The process of the dashboard: `dashboard-entry --color|--no-color`, on the terminal of the run that
 * started it. It draws when it is told to, which is between waves, and does nothing meanwhile. It ends
 * when the run closes it or goes away.
 */
import type { Dashboard } from './dashboard.ts';
import type { FromDashboard, ToDashboard } from './protocol.ts';

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

process.on('message', (message: ToDashboard) => {
  if (message.type === 'close') void close();
  else void dashboard.show(message.events).then(() => tell({ type: 'drawn' }));
});
process.on('disconnect', () => void close());
// The run hears of them too, and closes this when it has reported.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
tell({ type: 'ready' });
