/** The rules that ship as they are written: with their examples, which the build leaves out. */
import { loadRules } from '../../src/rules/load.ts';
import { builtInRuleFiles } from '../../src/rules/packs.ts';

export const { rules: writtenRules } = loadRules(builtInRuleFiles());
