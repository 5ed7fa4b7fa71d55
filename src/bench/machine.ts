/** What a figure was measured on; without it no figure can be compared with another. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the last minute, before the first measurement: above 0 something else was running. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryBytes: totalmem(),
    load: Number(loadavg()[0].toFixed(2)),
  };
}
