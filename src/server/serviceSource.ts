import type { ServiceSource } from './services.ts';

export async function openServiceSource(_env: NodeJS.ProcessEnv): Promise<ServiceSource> {
  return { store: 'memory', breakers: async () => [], limiters: async () => [], close: async () => {} };
}
