/**
 * The manifest of a report: digests of what went in and came out, signed with Ed25519 (RFC 8032). It proves that nothing
 * was changed since; who signed it, a reader knows only who has the public key from elsewhere.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { describeIo, IoError, UsageError } from '../errors.ts';

const MANIFEST_SCHEMA = 'logveil.report-manifest/1';

const digestedFile = z.strictObject({
  /** Relative to the manifest. */
  path: z.string().min(1),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifestSchema = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA),
  version: z.string(),
  made: z.iso.datetime(),
  inputs: z.array(digestedFile),
  outputs: z.array(digestedFile).min(1),
  publicKey: z.string(),
  signature: z.base64(),
});
type Manifest = z.infer<typeof manifestSchema>;
type DigestedFile = z.infer<typeof digestedFile>;

export interface SignedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** @throws IoError, UsageError when it holds no Ed25519 private key */
export function readSigningKey(path: string): KeyObject {
  return readKey(
    path,
    createPrivateKey,
    'an Ed25519 private key in PEM; `openssl genpkey -algorithm ed25519` makes one',
  );
}

/** @throws IoError, UsageError when it holds no Ed25519 public key */
function readPublicKey(path: string): KeyObject {
  return readKey(path, createPublicKey, 'an Ed25519 public key in PEM; `openssl pkey -pubout` writes it');
}

/**
 * The text of a manifest.
 * @param path where it will be: files are named as seen from there
 */
export function signManifest(
  path: string,
  key: KeyObject,
  facts: {
    readonly version: string;
    readonly made: Date;
    readonly inputs: readonly SignedFile[];
    readonly outputs: readonly SignedFile[];
  },
): string {
  const fromHere = ({ path: file, bytes, sha256 }: SignedFile): DigestedFile => ({
    path: relative(dirname(resolve(path)), resolve(file)),
    bytes,
    sha256,
  });
  const unsigned: Omit<Manifest, 'signature'> = {
    schema: MANIFEST_SCHEMA,
    version: facts.version,
    made: facts.made.toISOString(),
    inputs: facts.inputs.map(fromHere),
    outputs: facts.outputs.map(fromHere),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
  const signature = sign(null, signedBytes(unsigned), key).toString('base64');
  return `${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`;
}

export interface Verification {
  /** Whether the signature is right and every file is as it was. */
  readonly isRight: boolean;
  /** Whether it was held against a key of the reader's own. */
  readonly isTrusted: boolean;
  /** SHA-256 of the signing key (SPKI, DER), hex. */
  readonly keyDigest: string;
  /** What was checked, for people. */
  readonly lines: readonly { readonly isRight: boolean; readonly text: string }[];
}

/**
 * @param publicKeyPath the key the reader trusts; without one the manifest's own is taken
 * @throws IoError, UsageError when the manifest can't be read
 */
export function verifyManifest(path: string, publicKeyPath: string | undefined): Verification {
  const manifest = readManifest(path);
  const own = ownKey(path, manifest);
  const trusted = publicKeyPath === undefined ? own : readPublicKey(publicKeyPath);
  const { signature, ...unsigned } = manifest;
  const isSigned = verify(null, signedBytes(unsigned), trusted, Buffer.from(signature, 'base64'));
  const lines = [
    { isRight: isSigned, text: isSigned ? 'signature: right' : 'signature: wrong, or by another key' },
  ];
  for (const file of [...manifest.outputs, ...manifest.inputs])
    lines.push(checkFile(dirname(resolve(path)), file));
  return {
    isRight: lines.every(({ isRight }) => isRight),
    isTrusted: publicKeyPath !== undefined,
    keyDigest: createHash('sha256')
      .update(trusted.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    lines,
  };
}

function checkFile(folder: string, { path, sha256 }: DigestedFile): { isRight: boolean; text: string } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(folder, path));
  } catch (error) {
    return { isRight: false, text: `${path}: can't be read: ${describeIo(error)}` };
  }
  const isRight = createHash('sha256').update(bytes).digest('hex') === sha256;
  return { isRight, text: `${path}: ${isRight ? 'as it was' : 'changed since'}` };
}

/** Keys in the order of the schema, no blanks: the same bytes from the same facts. */
function signedBytes({
  schema,
  version,
  made,
  inputs,
  outputs,
  publicKey,
}: Omit<Manifest, 'signature'>): Buffer {
  const plain = ({ path, bytes, sha256 }: DigestedFile): DigestedFile => ({ path, bytes, sha256 });
  const facts = { schema, version, made, inputs: inputs.map(plain), outputs: outputs.map(plain), publicKey };
  return Buffer.from(JSON.stringify(facts));
}

function readManifest(path: string): Manifest {
  const text = readText(path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new UsageError(`${path}: expected the manifest of a report, JSON`);
  }
  const parsed = manifestSchema.safeParse(document);
  if (!parsed.success)
    throw new UsageError(`${path}: expected the manifest of a report, schema ${MANIFEST_SCHEMA}`);
  return parsed.data;
}

function ownKey(path: string, { publicKey }: Manifest): KeyObject {
  try {
    return createPublicKey(publicKey);
  } catch {
    throw new UsageError(`${path}: its public key is damaged`);
  }
}

function readKey(path: string, make: (pem: string) => KeyObject, expected: string): KeyObject {
  const text = readText(path);
  let key: KeyObject;
  try {
    key = make(text);
  } catch {
    throw new UsageError(`${path}: expected ${expected}`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new UsageError(`${path}: expected ${expected}`);
  return key;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new IoError(`${path}: can't be read: ${describeIo(error)}`, { cause: error });
  }
}
