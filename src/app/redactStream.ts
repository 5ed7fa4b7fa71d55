/** Redaction as a stage of a pipeline: a Node Transform and a Web TransformStream. */
import { Transform, type TransformCallback } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { UsageError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { bytesOf, openRedaction, type SanitizerOptions } from './sanitizer.ts';

export interface RedactStreamOptions extends SanitizerOptions {
  /** How findings name the stream; `stream` by default. */
  readonly source?: string;
  readonly onFinding?: (finding: Finding) => void;
}

/**
 * A Transform from raw to redacted bytes. Complete lines leave with the chunk that completes them.
 * @throws UsageError, ProblemsError or IoError when options or rules are not right
 */
export function createRedactStream(options: RedactStreamOptions = {}): Transform {
  const stream = openStream(options);
  const settle = (callback: TransformCallback, work: () => Buffer): void => {
    try {
      callback(null, Buffer.from(work()));
    } catch (error) {
      callback(error as Error);
    }
  };
  return new Transform({
    transform: (chunk: Buffer | string, encoding, callback) =>
      settle(callback, () => stream.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)),
    flush: (callback) => settle(callback, () => stream.end()),
  });
}

/** The same for Web streams, such as a fetch body. */
export function createRedactWebStream(
  options: RedactStreamOptions = {},
): TransformStream<Uint8Array, Uint8Array> {
  const stream = openStream(options);
  return new TransformStream({
    transform: (chunk, controller) => {
      const output = stream.push(bytesOf(chunk));
      if (output.length > 0) controller.enqueue(Uint8Array.from(output));
    },
    flush: (controller) => {
      const output = stream.end();
      if (output.length > 0) controller.enqueue(Uint8Array.from(output));
    },
  });
}

function openStream(
  options: RedactStreamOptions,
): ReturnType<ReturnType<typeof openRedaction>['openStream']> {
  if (typeof options !== 'object' || options === null) throw new UsageError('options: expected an object');
  const { source = 'stream', onFinding, ...rest } = options;
  return openRedaction(rest).openStream(() => source, onFinding);
}
