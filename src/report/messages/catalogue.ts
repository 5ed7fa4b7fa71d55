/** The languages of the report. */
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

export type MessageKey = keyof typeof en;
/** One text for each key; a language that lacks one does not compile. */
export type Messages = Readonly<Record<MessageKey, string>>;

export const CATALOGUES = { en, de, fr } as const satisfies Readonly<Record<string, Messages>>;
export type Language = keyof typeof CATALOGUES;
