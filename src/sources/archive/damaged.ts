/** Compressed data or an archive that is not as its format says. What came before is good. */
import { IoError } from '../../errors.ts';

export class DamagedInput extends IoError {}
