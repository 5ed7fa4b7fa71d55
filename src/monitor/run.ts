/** The live view: looks, draws, waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Paint } from '../telemetry/colour.ts';
import type { Glyphs } from './draw.ts';
import { Screen, type ScreenOptions } from './screen.ts';
import type { Monitor, Snapshot } from './snapshot.ts';
import { view } from './view.ts';

const HINT = 'q quit   r look now';

export interface LiveOptions {
  readonly monitor: Monitor;
  readonly intervalMs: number;
  readonly stop: AbortSignal;
  readonly paint: Paint;
  readonly glyphs: Glyphs;
  readonly terminal: Pick<ScreenOptions, 'fd' | 'keys'>;
  readonly size: () => readonly [columns: number, rows: number];
}

/** Ends when `stop` is aborted, or with the key for it. The terminal is then as it was. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { monitor, intervalMs, stop, paint, glyphs } = options;
  const quit = new AbortController();
  const ended = AbortSignal.any([stop, quit.signal]);
  let latest: Snapshot | undefined;
  let wake = new AbortController();
  const draw = (): void => {
    if (latest === undefined) return;
    screen.draw(view(latest, { ...screen.size, paint, glyphs }, HINT));
  };
  const screen = new Screen(
    {
      ...options.terminal,
      onQuit: () => quit.abort(),
      onKey: (key) => {
        if (key === 'r') wake.abort();
      },
      onChange: draw,
    },
    options.size,
  );
  screen.open();
  screen.draw([' logveil monitor: looking ...']);
  try {
    while (!ended.aborted) {
      latest = await monitor.look();
      draw();
      wake = new AbortController();
      await sleep(intervalMs, undefined, { signal: AbortSignal.any([ended, wake.signal]) }).catch(() => {});
    }
  } finally {
    screen.close();
    monitor.close();
  }
}
