/**
 * Lines that each hold a word such as `token=` or `password:`, one in ten with a real value behind it. Searching for
 * keywords first gains nothing here.
 */
import type { Random } from '../random.ts';
import { clock, isoTime, password, privateIpv4, token, uuid } from '../values.ts';
import { type CorpusRecipe, clean, type Piece } from './piece.ts';

const SERVICES = ['auth', 'gateway', 'billing', 'sessions', 'mailer'];

const HITS: readonly ((random: Random) => Piece)[] = [
  (random) => ({ text: `msg="session opened" token=${token(random)} ttl=3600`, rule: 'keyed-secret' }),
  (random) => ({ text: `msg="db config" user=app password=${password(random)} pool=10`, rule: 'password' }),
  (random) => ({ text: `msg="upstream call" api_key=${token(random)} region=eu`, rule: 'keyed-secret' }),
  (random) => ({
    text: `msg="retry" headers="Authorization: Bearer ${token(random)}"`,
    rule: 'authorization-bearer',
  }),
];

const NEAR_MISSES: readonly ((random: Random) => string)[] = [
  (random) => `msg="refresh skipped" token=null user=${random.below(9000)}`,
  (random) => `msg="usage" max_tokens=4096 total_tokens=${random.below(9000)}`,
  () => 'msg="login form" password=[FILTERED] remember=true',
  (random) => `Failed password for root from ${privateIpv4(random)} port ${random.below(60_000)} ssh2`,
  () => 'msg="bad request" error="password: must have at least 12 characters"',
  (random) => `msg="rotated" client_secret_expires_at=${random.between(1_700_000_000, 1_790_000_000)}`,
  () => `msg="config" api_key=\${API_KEY} region=eu`,
  (random) => `msg="token expired" age=${random.below(9000)}s next=${clock(random)}`,
  (random) => `msg="page" secret=false key=${random.below(400)} session_id=${random.below(90)}`,
  (random) => `msg="bearer token missing" request=${uuid(random)}`,
  () => 'msg="db config" user=app password=******** pool=10',
  (random) => `passwordResetRequired=true attempts=${random.below(9)}`,
];

export const denseLog: CorpusRecipe = {
  name: 'dense',
  description: 'a keyword on each line, one in ten with a secret',
  separator: '\n',
  piece: (random) => {
    const head = `time=${isoTime(random)} level=info service=${random.pick(SERVICES)}`;
    if (!random.oneIn(10)) return clean(`${head} ${random.pick(NEAR_MISSES)(random)}`);
    const { text, rule } = random.pick(HITS)(random);
    return { text: `${head} ${text}`, rule };
  },
};
