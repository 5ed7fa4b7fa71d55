/**
 * Lines as container runtimes write them. They cut long lines, and a value that is cut is found in neither part: parts
 * are joined to one line of the same form again.
 *
 * - CRI (kubelet's logs): `2026-11-22T10:00:00.1Z stdout P first part`, then `... F last part`
 *   (https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md)
 * - Docker's json-file: `{"log":"first part","stream":"stdout",...}`, then `{"log":"last part\n",...}`
 *
 * Standard output and error are joined each for itself. Lines of no such form pass as they are.
 */
import type { Decoded, LineDecoder } from './lineDecoder.ts';

const LF = 0x0a;
const CRI = /^(\d{4}-\d\d-\d\dT\S+ (stdout|stderr)) ([PF])((?::\S*)?) (.*)$/s;
const DOCKER = /^\{"log":"((?:[^"\\]|\\.)*)"(,"stream":"(stdout|stderr)".*)$/s;
/** The escaped line end that a complete line ends with. */
const ENDS_WITH_LINE_END = /(?:^|[^\\])(?:\\\\)*\\n$/;
/** Parts of one line beyond this are handed on as they are; runtimes cut at 16 KiB. */
const MOST_JOINED_BYTES = 16 * 1024 * 1024;

/** @param line a file's first line */
export function containerFormatOf(line: Buffer): 'cri' | 'docker' | 'none' {
  const text = line.toString('latin1');
  if (CRI.test(text)) return 'cri';
  return DOCKER.test(text) ? 'docker' : 'none';
}

/** One line as a runtime has written it, all in bytes as Latin-1. */
interface Part {
  readonly stream: string;
  readonly content: string;
  readonly isLast: boolean;
  /** The line again, with another content. */
  readonly withContent: (content: string) => string;
}

/** Parts of a line that has not ended. */
interface Joining {
  readonly parts: string[];
  bytes: number;
  readonly first: Part;
}

export class ContainerDecoder implements LineDecoder {
  readonly #parse: (line: string) => Part | undefined;
  readonly #joining = new Map<string, Joining>();
  #carry: Buffer = Buffer.alloc(0);
  #rawBytes = 0;
  #rawLines = 0;

  constructor(format: 'cri' | 'docker') {
    this.#parse = format === 'cri' ? parseCri : parseDocker;
  }

  push(raw: Buffer): Decoded {
    const bytes = this.#carry.length === 0 ? raw : Buffer.concat([this.#carry, raw]);
    const out: string[] = [];
    let at = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, at)) {
      this.#take(bytes.toString('latin1', at, end), '\n', out);
      this.#rawLines++;
      at = end + 1;
    }
    this.#carry = Buffer.from(bytes.subarray(at));
    this.#rawBytes += at;
    return this.#decoded(out);
  }

  flush(): Decoded {
    const out: string[] = [];
    if (this.#carry.length > 0) this.#take(this.#carry.toString('latin1'), '', out);
    this.#rawBytes += this.#carry.length;
    this.#carry = Buffer.alloc(0);
    for (const joining of this.#joining.values()) out.push(`${joined(joining, joining.first)}\n`);
    this.#joining.clear();
    return this.#decoded(out);
  }

  #decoded(out: readonly string[]): Decoded {
    return {
      text: Buffer.from(out.join(''), 'latin1'),
      rawBytes: this.#rawBytes,
      rawLines: this.#rawLines,
      isAtRest: this.#joining.size === 0,
    };
  }

  #take(line: string, lineEnd: string, out: string[]): void {
    const part = this.#parse(line);
    if (part === undefined) {
      out.push(line, lineEnd);
      return;
    }
    const joining = this.#joining.get(part.stream);
    if (joining === undefined && part.isLast) {
      out.push(line, lineEnd);
      return;
    }
    const now = joining ?? { parts: [], bytes: 0, first: part };
    now.parts.push(part.content);
    now.bytes += part.content.length;
    if (!part.isLast && now.bytes <= MOST_JOINED_BYTES) {
      this.#joining.set(part.stream, now);
      return;
    }
    this.#joining.delete(part.stream);
    out.push(joined(now, part), '\n');
  }
}

function joined({ parts }: Joining, last: Part): string {
  return last.withContent(parts.join(''));
}

function parseCri(line: string): Part | undefined {
  const [, start, stream, tag, tags, content] = CRI.exec(line) ?? [];
  if (start === undefined || stream === undefined || content === undefined) return undefined;
  const withContent = (text: string): string => `${start} F${tags} ${text}`;
  return { stream, content, isLast: tag === 'F', withContent };
}

function parseDocker(line: string): Part | undefined {
  const [, content, rest, stream] = DOCKER.exec(line) ?? [];
  if (content === undefined || rest === undefined || stream === undefined) return undefined;
  const withContent = (text: string): string => `{"log":"${text}"${rest}`;
  return { stream, content, isLast: ENDS_WITH_LINE_END.test(content), withContent };
}
