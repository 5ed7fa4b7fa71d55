/** The formats by their names. */
import { type Paint, plainPaint } from '../../telemetry/colour.ts';
import type { Verification } from '../result.ts';
import { htmlFormat } from './html.ts';
import { junitFormat } from './junit.ts';
import { markdownFormat } from './markdown.ts';
import { nagiosFormat } from './nagios.ts';
import type { VerifyFormat } from './names.ts';
import { textFormat } from './text.ts';
import { cleaned } from './words.ts';

const FORMATS: Readonly<Record<VerifyFormat, (verification: Verification, paint: Paint) => string>> = {
  text: textFormat,
  json: (verification) => `${JSON.stringify(verification, null, 2)}\n`,
  junit: junitFormat,
  markdown: markdownFormat,
  html: htmlFormat,
  nagios: nagiosFormat,
};

/** @param paint of text only */
export function formatted(
  verification: Verification,
  format: VerifyFormat,
  paint: Paint = plainPaint,
): string {
  return FORMATS[format](cleaned(verification), paint);
}
