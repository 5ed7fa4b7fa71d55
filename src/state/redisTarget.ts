/**
 * Where Redis is, as an address says it: one server, Sentinels that know the master, or nodes of a cluster.
 *
 *   redis://[user:password@]host[:port][/database]
 *   redis+sentinel://[user:password@]host[:port][,host[:port]...]/master[/database]
 *   redis+cluster://[user:password@]host[:port][,host[:port]...]
 *
 * With `rediss` in place of `redis` over TLS. An address may hold a password, so it is in no message.
 */
import { UsageError } from '../errors.ts';

interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export interface RedisTarget {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  /** At least one. */
  readonly nodes: readonly RedisNode[];
  /** Name of the master; of Sentinels only. */
  readonly master?: string;
  readonly database: number;
  readonly username?: string;
  readonly password?: string;
  readonly isTls: boolean;
}

const PORT = 6379;
const SENTINEL_PORT = 26_379;
const ADDRESS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]+)((?:\/[^?#]*)?)$/i;
const NODE = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i;

/**
 * @param source how to name the address in the error, such as `LOGVEIL_REDIS_URL`
 * @throws UsageError
 */
export function parseRedisUrl(url: string, source: string): RedisTarget {
  const [, scheme = '', mode, login, hosts, path = ''] = ADDRESS.exec(url.trim()) ?? [];
  if (hosts === undefined) throw notUnderstood(source);
  const kind = (mode?.toLowerCase() ?? 'standalone') as RedisTarget['kind'];
  const nodes = hosts
    .split(',')
    .map((host) => nodeOf(host, kind === 'sentinel' ? SENTINEL_PORT : PORT, source));
  if (kind === 'standalone' && nodes.length > 1) throw notUnderstood(source);
  return {
    kind,
    nodes,
    isTls: scheme.toLowerCase() === 'rediss',
    ...pathOf(kind, path, source),
    ...loginOf(login, source),
  };
}

function pathOf(
  kind: RedisTarget['kind'],
  path: string,
  source: string,
): Pick<RedisTarget, 'master' | 'database'> {
  const steps = path.split('/').filter((step) => step !== '');
  const master = kind === 'sentinel' ? steps.shift() : undefined;
  const [database = '0'] = steps;
  const isRight =
    steps.length <= 1 &&
    /^\d{1,4}$/.test(database) &&
    (kind !== 'cluster' || database === '0') &&
    (kind !== 'sentinel' || (master !== undefined && /^[\w.-]+$/.test(master)));
  if (!isRight) throw notUnderstood(source);
  return { database: Number(database), ...(master !== undefined && { master }) };
}

function loginOf(login: string | undefined, source: string): Pick<RedisTarget, 'username' | 'password'> {
  if (login === undefined) return {};
  const at = login.indexOf(':');
  try {
    const username = decodeURIComponent(at === -1 ? login : login.slice(0, at));
    const password = at === -1 ? '' : decodeURIComponent(login.slice(at + 1));
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    throw notUnderstood(source);
  }
}

function nodeOf(text: string, defaultPort: number, source: string): RedisNode {
  const [, bracketed, plain, port = String(defaultPort)] = NODE.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw notUnderstood(source);
  return { host, port: Number(port) };
}

function notUnderstood(source: string): UsageError {
  return new UsageError(
    `${source}: expected an address such as \`redis://localhost:6379\`, \`redis+sentinel://host1,host2/master\` or \`redis+cluster://host1,host2\` (\`rediss\` for TLS)`,
  );
}
