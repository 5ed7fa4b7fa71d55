/**
 * Keeps checkpoints in a folder of their own: `checkpoint.json`, replaced whole by a file that is written beside it,
 * made durable, and renamed (rename(2) is atomic). Its first line is a digest of the rest, so that a damaged one is known.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeIo, IoError } from '../errors.ts';
import { CHECKPOINT_SCHEMA, type Checkpoint } from './checkpoint.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const SCHEMA_NAME = /^logveil\.tail\/(\d+)$/;

/** What was found at the start. */
export type Loaded =
  | { readonly kind: 'none' }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** It was damaged and is kept under another name. */
  | { readonly kind: 'corrupt'; readonly asidePath: string };

export class CheckpointStore {
  readonly path: string;
  readonly #folder: string;

  /** @throws IoError when the folder can't be made */
  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'checkpoint.json');
    try {
      if (mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER }) !== undefined)
        chmodSync(folder, OWNER_ONLY_FOLDER);
    } catch (error) {
      throw new IoError(`${folder}: the state folder can't be made: ${describeIo(error)}`, { cause: error });
    }
  }

  /** @throws IoError when it can't be read, or a newer logveil has written it */
  load(): Loaded {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' };
      throw new IoError(`${this.path}: can't be read: ${describeIo(error)}`, { cause: error });
    }
    const checkpoint = parse(text);
    if (checkpoint === undefined) return { kind: 'corrupt', asidePath: this.#setAside() };
    const version = Number(SCHEMA_NAME.exec(checkpoint.schema)?.[1] ?? 0);
    if (checkpoint.schema !== CHECKPOINT_SCHEMA) {
      throw new IoError(
        `${this.path}: expected ${CHECKPOINT_SCHEMA}, it is of version ${version}, which another release has written; use that release, or another --state folder`,
      );
    }
    // The run that wrote it may have been killed before it did this: what is built on it must not be of the future.
    syncFolder(this.#folder);
    return { kind: 'checkpoint', checkpoint };
  }

  /**
   * Replaces the checkpoint; when it returns, the new one survives a power loss.
   * @throws IoError; then the earlier one is still there
   */
  save(checkpoint: Checkpoint): void {
    const body = `${JSON.stringify(checkpoint)}\n`;
    const temporary = `${this.path}.tmp`;
    try {
      writeDurably(temporary, Buffer.from(`${digestOf(body)}\n${body}`));
      renameSync(temporary, this.path);
      syncFolder(this.#folder);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new IoError(`${this.path}: the checkpoint can't be written: ${describeIo(error)}`, {
        cause: error,
      });
    }
  }

  #setAside(): string {
    const aside = `${this.path}.corrupt-${randomBytes(4).toString('hex')}`;
    try {
      renameSync(this.path, aside);
    } catch (error) {
      throw new IoError(`${this.path}: it is damaged and can't be set aside: ${describeIo(error)}`, {
        cause: error,
      });
    }
    return aside;
  }
}

/** @returns undefined when the text is not what was written */
function parse(text: string): Checkpoint | undefined {
  const [digest, ...rest] = text.split('\n');
  const body = rest.join('\n');
  if (digest !== digestOf(body)) return undefined;
  return JSON.parse(body) as Checkpoint;
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function writeDurably(path: string, bytes: Buffer): void {
  const fd = openSync(path, 'w', OWNER_ONLY);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes a rename in a folder durable. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
