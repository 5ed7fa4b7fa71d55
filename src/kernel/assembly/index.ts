/** The kernel's exports. Memory is laid out by the host (src/kernel/memory.ts). */
export { scanBlock, scanCount, sortCandidates } from './anchors';
export {
  beginBlock,
  goOn,
  matchLineEnd,
  matchLineStart,
  matchNextLine,
  matchPattern,
  nextMatch,
  reachBack,
  setUp,
  skipLine,
  skipTo,
} from './block';
export { copyTwo, countByte, findByte } from './bytes';
export {
  beginSearch,
  beginUnion,
  foundEnd,
  foundMask,
  foundNothingBefore,
  foundStart,
  restartSearch,
  resumeStart,
  resumeTransition,
  setKinds,
  supplyMask,
  supplyMatch,
  walkFrom,
  walkKind,
  walkMissing,
  walkOwner,
  walkRow,
  walkWanted,
} from './search';
