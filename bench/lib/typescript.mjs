/**
 * Lets node run the sources of this repository as they are: `import './typescript.mjs'`, then `await import` of
 * a `.ts` file. For scripts that have to see more than the package exports; nothing that ships depends on it.
 */
import { register } from 'node:module';

register('./typescriptHooks.mjs', import.meta.url);
