import { Re2Engine } from '../../src/engine/re2Engine.ts';
import { engineSuite } from './engines.ts';

engineSuite('Re2Engine', (patterns) => new Re2Engine(patterns));
