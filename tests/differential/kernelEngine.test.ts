import { KernelEngine } from '../../src/kernel/engine.ts';
import { engineSuite } from './engines.ts';

engineSuite('KernelEngine', (patterns) => new KernelEngine(patterns));
