/**
 * The dashboard on a terminal, drawn by ink: the frame of the present view, and its keys. Only lines
 * that changed are written, at most ten frames a second.
 */
import { Box, render, Text, useInput, useWindowSize } from 'ink';
import { createElement, type ReactElement, useState } from 'react';
import type { RunEvent } from '../model/run-event.ts';
import { frame } from './frame.ts';
import type { Wish } from './protocol.ts';
import { NOTHING_SEEN, type RunView, see } from './run-view.ts';

const MOST_FRAMES_A_SECOND = 10;
/** Of a terminal that does not say. */
const USUAL = { columns: 80, rows: 24 };

export interface DashboardOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly color: boolean;
  readonly onWish: (wish: Wish) => void;
}

/** A dashboard that is shown until it is closed. */
export interface Dashboard {
  /** Resolves when what it shows has been written. */
  readonly show: (events: readonly RunEvent[]) => Promise<void>;
  /** Gives the terminal back as it was. */
  readonly close: () => Promise<void>;
}

/** Shows a dashboard on the terminal's other screen. */
export function openDashboard({ stdin, stdout, color, onWish }: DashboardOptions): Dashboard {
  let view = NOTHING_SEEN;
  const screen = (): ReactElement => createElement(Screen, { view, color, onWish });
  const shown = render(screen(), {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: MOST_FRAMES_A_SECOND,
    // Raw mode takes the signal away from Ctrl-C; the run decides what it means.
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  return {
    show: async (events) => {
      view = events.reduce(see, view);
      shown.rerender(screen());
      await shown.waitUntilRenderFlush();
    },
    close: async () => {
      shown.unmount();
      await shown.waitUntilExit();
    },
  };
}

interface ScreenProps {
  readonly view: RunView;
  readonly color: boolean;
  readonly onWish: (wish: Wish) => void;
}

function Screen({ view, color, onWish }: ScreenProps): ReactElement {
  const { columns = USUAL.columns, rows = USUAL.rows } = useWindowSize();
  const [group, setGroup] = useState(0);
  const [help, setHelp] = useState(false);
  useInput((input, key) => {
    if (key.ctrl && input === 'c') onWish('interrupt');
    else if (input === 'q') onWish('stop');
    else if (input === 'p') onWish('pause');
    else if (key.tab) setGroup((now) => now + 1);
    else if (input === '?') setHelp((now) => !now);
  });
  const lines = frame(view, { columns, rows, color, group, help });
  return createElement(
    Box,
    { flexDirection: 'column' },
    // An empty line has no height of its own.
    ...lines.map((line) => createElement(Text, { wrap: 'truncate' }, line === '' ? ' ' : line)),
  );
}
