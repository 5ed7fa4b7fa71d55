/** The log of an application in which there is nothing to find, as most lines of most logs are. */
import type { Random } from '../random.ts';
import { clock, hex, isoTime, privateIpv4, uuid } from '../values.ts';
import { type CorpusRecipe, clean } from './piece.ts';

const LEVELS = ['INFO ', 'INFO ', 'INFO ', 'INFO ', 'DEBUG', 'DEBUG', 'WARN ', 'ERROR'];
const CLASSES = [
  'c.e.shop.OrderService',
  'c.e.shop.cart.CartController',
  'c.e.stock.Sync',
  'o.a.k.c.Fetcher',
];
const QUEUES = ['orders', 'invoices', 'mails', 'stock-updates'];

/** What applications say, each with the kinds of numbers and names that come near to a rule without being one. */
const MESSAGES: readonly ((random: Random) => string)[] = [
  (random) =>
    `order ${random.below(1_000_000)} placed: ${random.between(1, 9)} items in ${random.below(900)} ms`,
  (random) => `request ${uuid(random)} done, status 200, ${random.below(90_000)} bytes`,
  (random) => `pool main-${random.below(9)}: ${random.below(40)} active, ${random.below(40)} idle, 0 waiting`,
  (random) => `connected to ${privateIpv4(random)}:5432 in ${random.below(90)} ms`,
  (random) => `cache hit ratio 0.${random.between(100, 999)}, evicted ${random.below(5000)} entries`,
  (random) =>
    `flushed segment ${hex(random, 16)} (${random.below(64)} MiB) to /var/lib/shop/seg/${random.below(999)}.dat`,
  (random) =>
    `consumer group ${random.pick(QUEUES)} rebalanced, generation ${random.below(400)}, lag ${random.below(9000)}`,
  (random) =>
    `GET /api/v2/products/${random.below(90_000)}?page=${random.below(40)}&sort=price 200 ${random.below(300)}ms`,
  (random) =>
    `job nightly-export finished: rows=${random.below(2_000_000)} skipped=${random.below(99)} elapsed=${clock(random)}`,
  (random) =>
    `build 4.${random.below(20)}.${random.below(30)} commit ${hex(random, 12)} started, pid ${random.below(32_000)}`,
  (random) =>
    `retrying ${random.pick(QUEUES)} after timeout (attempt ${random.between(1, 5)} of 5), backing off ${random.below(3000)} ms`,
  (random) =>
    `GC pause ${random.below(90)}.${random.below(10)} ms, heap ${random.below(2048)}M -> ${random.below(900)}M of 4096M`,
];

export const cleanLog: CorpusRecipe = {
  name: 'clean',
  description: 'application log without a finding',
  separator: '\n',
  piece: (random) => {
    const head = `${isoTime(random)} ${random.pick(LEVELS)} [worker-${random.below(32)}] ${random.pick(CLASSES)}`;
    return clean(`${head} - ${random.pick(MESSAGES)(random)}`);
  },
};
