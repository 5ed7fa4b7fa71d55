/**
 * JSON lines. One in eight holds a value; one in five has escapes, so that its strings must be decoded to be searched,
 * and some of the values are spelt with escapes themselves.
 */
import type { Random } from '../random.ts';
import { email, hex, isoTime, password, privateIpv4, token, uuid } from '../values.ts';
import { type CorpusRecipe, clean, type Piece } from './piece.ts';

const SERVICES = ['checkout', 'catalog', 'identity', 'search'];

/** Members of the line's object, as they are written. */
const PLAIN: readonly ((random: Random) => string)[] = [
  (random) =>
    `"msg":"request done","status":200,"ms":${random.below(900)},"path":"/v2/items/${random.below(9000)}"`,
  (random) =>
    `"msg":"cache","hits":${random.below(90_000)},"ratio":0.${random.between(100, 999)},"node":"${privateIpv4(random)}"`,
  (random) =>
    `"msg":"span","trace":"${hex(random, 32)}","span":"${hex(random, 16)}","tags":{"db":"shop","rows":${random.below(99)}}`,
  (random) =>
    `"msg":"queue","name":"orders","lag":[${random.below(9)},${random.below(9)},${random.below(9)}],"ok":true,"next":null`,
];

const ESCAPED: readonly ((random: Random) => string)[] = [
  (random) =>
    `"msg":"said \\"hello\\" ${random.below(900)} times","path":"C:\\\\logs\\\\app-${random.below(99)}.txt"`,
  (random) =>
    `"msg":"failed","stack":"Error: timeout\\n\\tat fetch (/srv/app/net.js:${random.below(900)}:7)\\n\\tat main"`,
  (random) =>
    `"msg":"event","body":"{\\"kind\\":\\"tick\\",\\"count\\":${random.below(900)}}","unit":"\\u00b0C"`,
];

const HITS: readonly ((random: Random) => Piece)[] = [
  (random) => ({ text: `"msg":"signup","user":{"mail":"${email(random)}","plan":"free"}`, rule: 'email' }),
  (random) => ({
    text: `"msg":"signup","mail":"${email(random).replace('@', '\\u0040')}","plan":"free"`,
    rule: 'email',
  }),
  (random) => ({
    text: `"msg":"event","body":"{\\"mail\\":\\"${email(random)}\\",\\"ok\\":true}"`,
    rule: 'email',
  }),
  (random) => ({
    text: `"msg":"login","user":"ana","password":"${password(random)}","ok":true`,
    rule: 'password-field',
  }),
  (random) => ({
    text: `"msg":"call","svc":{"api_key":"${token(random)}","region":"eu"}`,
    rule: 'keyed-secret',
  }),
];

export const jsonLog: CorpusRecipe = {
  name: 'json',
  description: 'JSON lines, one in five with escapes, one in eight with a value',
  separator: '\n',
  piece: (random) => {
    const head = `{"time":"${isoTime(random)}","level":"info","service":"${random.pick(SERVICES)}","id":"${uuid(random)}"`;
    if (random.oneIn(8)) {
      const { text, rule } = random.pick(HITS)(random);
      return { text: `${head},${text}}`, rule };
    }
    return clean(`${head},${random.pick(random.oneIn(5) ? ESCAPED : PLAIN)(random)}}`);
  },
};
