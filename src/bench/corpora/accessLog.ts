/** A web server's access log: an address at the start of each line. */
import type { Random } from '../random.ts';
import { clock, ipv4 } from '../values.ts';
import type { CorpusRecipe } from './piece.ts';

const PATHS: readonly ((random: Random) => string)[] = [
  (random) => `/products/${random.below(90_000)}`,
  (random) => `/search?q=chair&page=${random.below(40)}`,
  (random) => `/static/js/app.${random.below(9999)}.js`,
  (random) => `/api/v2/cart/${random.below(90_000)}/items`,
  () => '/',
];
const STATUSES = [200, 200, 200, 200, 304, 302, 404, 500];
const REFERRERS = ['-', 'https://shop.example.com/', 'https://www.example.org/search?q=chairs'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Safari/604.1',
  'curl/8.5.0',
];

export const accessLog: CorpusRecipe = {
  name: 'access',
  description: 'access log, an address on each line',
  separator: '\n',
  piece: (random) => {
    const request = `"${random.pick(['GET', 'GET', 'GET', 'POST'])} ${random.pick(PATHS)(random)} HTTP/1.1"`;
    const response = `${random.pick(STATUSES)} ${random.below(60_000)}`;
    const client = `"${random.pick(REFERRERS)}" "${random.pick(AGENTS)}"`;
    const time = `[14/Mar/2026:${clock(random)} +0000]`;
    return { text: `${ipv4(random)} - - ${time} ${request} ${response} ${client}`, rule: 'ipv4' };
  },
};
