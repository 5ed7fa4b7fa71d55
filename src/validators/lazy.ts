import { createRequire } from 'node:module';
import type * as PhoneLibrary from 'libphonenumber-js/max';
import type * as DomainLibrary from 'tldts';

const require = createRequire(import.meta.url);

let phoneLibrary: typeof PhoneLibrary | undefined;
let domainLibrary: typeof DomainLibrary | undefined;

/**
 * libphonenumber-js with its full metadata, loaded at the first candidate: it takes about 25 ms, a sixth of the time
 * the whole program may take to start. Loading is synchronous because a validator can not wait.
 */
export function phones(): typeof PhoneLibrary {
  phoneLibrary ??= require('libphonenumber-js/max') as typeof PhoneLibrary;
  return phoneLibrary;
}

/** tldts, which carries the public suffix list; about 8 ms, so it too waits for the first candidate. */
export function domains(): typeof DomainLibrary {
  domainLibrary ??= require('tldts') as typeof DomainLibrary;
  return domainLibrary;
}
