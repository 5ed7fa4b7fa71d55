import { base64Decodable, basicCredentials } from './base64.ts';
import { cardIssuer } from './card.ts';
import { hex, notHexDigest, notUuid } from './digest.ts';
import { email } from './email.ts';
import { githubToken } from './github.ts';
import { iban } from './iban.ts';
import { ipv4, ipv4Public, ipv6, ipv6Public } from './ip.ts';
import { jwt } from './jwt.ts';
import { luhn } from './luhn.ts';
import { phoneE164 } from './phone.ts';
import { notPlaceholder } from './placeholder.ts';
import { strongToken, tokenLike, tokenOrUuid } from './token.ts';
import type { Validator } from './validator.ts';

/** Every validator under the name by which rules call it; the module of each says what it accepts. */
export const validators: ReadonlyMap<string, Validator> = new Map<string, Validator>([
  ['base64-decodable', base64Decodable],
  ['basic-credentials', basicCredentials],
  ['card-issuer', cardIssuer],
  ['email', email],
  ['github-token', githubToken],
  ['hex', hex],
  ['iban', iban],
  ['ipv4', ipv4],
  ['ipv4-public', ipv4Public],
  ['ipv6', ipv6],
  ['ipv6-public', ipv6Public],
  ['jwt', jwt],
  ['luhn', luhn],
  ['not-hex-digest', notHexDigest],
  ['not-placeholder', notPlaceholder],
  ['not-uuid', notUuid],
  ['phone-e164', phoneE164],
  ['strong-token', strongToken],
  ['token-like', tokenLike],
  ['token-or-uuid', tokenOrUuid],
]);
