/** Figures of stages and of caught errors as Prometheus metrics, read when they are asked for. */
import { Gauge, type Registry } from 'prom-client';
import type { CaughtCount } from './errorCatcher.ts';
import type { StageFigures } from './stages.ts';

const FIGURES: readonly (readonly [name: string, help: string, value: (figures: StageFigures) => number])[] =
  [
    ['logveil_stage_runs_total', 'Runs of a stage', ({ runs }) => runs],
    ['logveil_stage_bytes_total', 'Bytes of a stage', ({ bytes }) => bytes],
    ['logveil_stage_lines_total', 'Lines of a stage', ({ lines }) => lines],
    ['logveil_stage_seconds_total', 'Time in a stage', ({ seconds }) => seconds],
    ['logveil_stage_p99_seconds', '99 in 100 runs took no longer', ({ p99Seconds }) => p99Seconds],
    ['logveil_stage_errors_total', 'Runs that failed', ({ errors }) => errors],
    ['logveil_stage_queue_depth', 'Inputs that wait or are in work', ({ queueDepth }) => queueDepth],
    ['logveil_stage_queue_depth_most', 'The most there were', ({ deepestQueue }) => deepestQueue],
  ];

/** @param figures called when the metrics are asked for */
export function registerStages(registry: Registry, figures: () => readonly StageFigures[]): void {
  for (const [name, help, value] of FIGURES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      labelNames: ['stage'],
      collect() {
        for (const stage of figures()) this.set({ stage: stage.name }, value(stage));
      },
    });
  }
}

/** @param counts called when the metrics are asked for */
export function registerCaughtErrors(registry: Registry, counts: () => readonly CaughtCount[]): void {
  new Gauge({
    name: 'logveil_errors_caught_total',
    help: 'Errors caught around a stage, by what became of the input',
    registers: [registry],
    labelNames: ['stage', 'outcome'],
    collect() {
      for (const { stage, outcome, count } of counts()) this.set({ stage, outcome }, count);
    },
  });
}
