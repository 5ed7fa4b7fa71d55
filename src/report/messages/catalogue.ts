/** The languages of the report. */
import { de } from './de.ts';
import { en, type Messages } from './en.ts';
import { fr } from './fr.ts';

export const CATALOGUES = { en, de, fr } as const satisfies Readonly<Record<string, Messages>>;
export type Language = keyof typeof CATALOGUES;
