/**
 * Which rule files a name stands for. A pack is a folder of `rules/`: `secrets`, `pii`, and one folder a region below
 * `pii`; `default` is the packs without a region, `all` is everything. Files are taken in the order of their paths, so
 * that the rules' order, which breaks ties, is the same everywhere.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeIo, IoError, UsageError } from '../errors.ts';

/** Member states of the European Union, ISO 3166-1 alpha-2 (Greece as GR). */
const EU_MEMBERS = new Set(
  'at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk'.split(' '),
);

/** Other names of a region that people use: ISO 3166 reserves UK, and the European Union writes EL. */
const OTHER_NAMES: Readonly<Record<string, string>> = { 'pii/uk': 'pii/gb', 'pii/el': 'pii/gr' };

/** Twenty times all rules that ship; refused before it is read. */
const MAX_RULE_FILE_BYTES = 4 * 1024 * 1024;

/** A rule file and the pack it belongs to; files named by path belong to the pack `user`. */
export interface RuleFile {
  /** As it is shown in problems. */
  readonly file: string;
  readonly path: string;
  readonly pack: string;
}

/** The folder of this very package, whether it runs from its sources or as built. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackageRoot(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new UsageError('the installation is broken: its package.json was not found');
    folder = parent;
  }
  return folder;
}

function isPackageRoot(folder: string): boolean {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) && /"name":\s*"logveil"/.test(readFileSync(manifest, 'utf8'));
}

/** All files of all packs that ship with logveil. */
export function builtInRuleFiles(): RuleFile[] {
  const root = join(packageRoot(), 'rules');
  return yamlFilesBelow(root).map((path) => {
    const name = relative(root, path);
    return { file: `rules/${name.split(sep).join('/')}`, path, pack: dirname(name).split(sep).join('/') };
  });
}

/**
 * The files that the names given with `--rules` stand for, each once.
 * @param names packs (`secrets`, `pii/de`, `default`, ...), files, or folders of `.yaml` files
 * @throws UsageError for a name that is neither, or stands for no file; IoError for a folder that can't be read
 */
export function resolveRuleFiles(names: readonly string[]): RuleFile[] {
  const builtIn = builtInRuleFiles();
  const packs = new Set(builtIn.map((file) => file.pack));
  const chosen = new Map<string, RuleFile>();
  for (const name of names) {
    const files = packFiles(name, builtIn, packs) ?? userFiles(name);
    if (files === undefined) {
      const known = ['default', 'all', ...[...packs].sort()].join(', ');
      throw new UsageError(
        `rules \`${name}\`: expected a pack (${known}) or an existing .yaml file or folder`,
      );
    }
    // A name that stands for nothing would let everything through.
    if (files.length === 0)
      throw new UsageError(`\`--rules ${name}\`: expected rule files (.yaml), found none`);
    for (const file of files) chosen.set(file.path, file);
  }
  return [...chosen.values()];
}

function packFiles(name: string, builtIn: RuleFile[], packs: Set<string>): RuleFile[] | undefined {
  if (name === 'all') return builtIn;
  if (name === 'default') return builtIn.filter((file) => !file.pack.includes('/'));
  if (name === 'pii/eu') {
    const files = builtIn.filter(
      (file) => file.pack === name || EU_MEMBERS.has(file.pack.replace(/^pii\//, '')),
    );
    return files.length > 0 ? files : undefined;
  }
  const pack = OTHER_NAMES[name] ?? name;
  return packs.has(pack) ? builtIn.filter((file) => file.pack === pack) : undefined;
}

function userFiles(name: string): RuleFile[] | undefined {
  if (!existsSync(name)) return undefined;
  const stats = statSync(name);
  if (stats.isCharacterDevice() || stats.isBlockDevice()) {
    throw new UsageError(`\`--rules ${name}\`: expected a .yaml file or folder, this is a device`);
  }
  if (stats.size > MAX_RULE_FILE_BYTES && stats.isFile()) {
    throw new UsageError(`\`--rules ${name}\`: expected a file of at most ${MAX_RULE_FILE_BYTES} bytes`);
  }
  const paths = stats.isDirectory() ? yamlFilesBelow(name) : [name];
  return paths.map((path) => ({ file: path, path, pack: 'user' }));
}

function yamlFilesBelow(folder: string): string[] {
  return entriesBelow(folder)
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function entriesBelow(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new IoError(`${folder}: the folder of rules can't be read: ${describeIo(error)}`, { cause: error });
  }
}
