/** The kernel's exports. Memory is laid out by the host (src/kernel/memory.ts). */
export { walkAt, walkBackward, walkClass, walkEnd, walkForward, walkMatch, walkRow } from './automata';
export { findAfterLast, findByte, scanBlock, scanCount, scanSetup } from './scan';
