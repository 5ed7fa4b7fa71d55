/** Secrets of the accuracy set that have a form of their own, or a scheme around them. Made up, with real checksums. */
import { crc32 } from 'node:zlib';
import type { Random } from '../../src/bench/random.ts';
import { password } from '../../src/bench/values.ts';
import type { Planted } from './personal.ts';
import { base64, jwt, shaped } from './values.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `ghp_`, 30 of base62 and their CRC-32 in base62: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats */
function githubToken(random: Random): string {
  const body = shaped(random, '{b30}');
  let sum = crc32(body);
  let check = '';
  for (let i = 0; i < 6; i++) {
    check = BASE62[sum % 62] + check;
    sum = Math.floor(sum / 62);
  }
  return `ghp_${body}${check}`;
}

function form(entity: string, key: string, shape: string): Planted {
  return { entity, key, sentence: `upstream refused %`, value: (random) => shaped(random, shape) };
}

function keyed(entity: string, key: string, value: Planted['value']): Planted {
  return { entity, key, value };
}

export const SECRETS: readonly Planted[] = [
  form('AWS_ACCESS_KEY', 'principal', 'AKIA{A4}7{A5}3Q{A4}'),
  { entity: 'GITHUB_TOKEN', key: 'remote', sentence: 'push with % denied', value: githubToken },
  form('GITLAB_TOKEN', 'remote', 'glpat-{u20}'),
  form('SLACK_TOKEN', 'notifier', 'xoxb-{#12}-{#13}-{b24}'),
  form('STRIPE_API_KEY', 'billing', 'sk_live_{b24}'),
  form('SENDGRID_API_KEY', 'mailer', 'SG.{b22}.{b43}'),
  form('NPM_TOKEN', 'registry', 'npm_{b36}'),
  form('CALCOM_API_KEY', 'booking', 'cal_live_{h32}'),
  { entity: 'JWT', key: 'session', sentence: 'decoded % for request', value: jwt },
  keyed('PASSWORD', 'password', password),
  keyed('PASSWORD', 'db_password', (r) => shaped(r, '{b8}!{b4}')),
  keyed('PASSWORD', 'newPassword', (r) => shaped(r, '{a6}{#3}')),
  keyed('SECRET', 'api_key', (r) => shaped(r, '{h32}')),
  keyed('SECRET', 'client_secret', (r) => shaped(r, '{b8}~{u31}')),
  keyed('SECRET', 'access_token', (r) => shaped(r, '{b40}')),
  keyed('SECRET', 'refreshToken', (r) => shaped(r, '{u43}')),
  keyed('SECRET', 'webhookSecret', (r) => base64(r, 24)),
  keyed('SECRET', 'storage_key', (r) => base64(r, 64)),
  keyed('SECRET', 'deploy_token', (r) => shaped(r, '{h8}-{h4}-4{h3}-a{h3}-{h12}')),
];
