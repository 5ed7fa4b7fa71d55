import { base64Decodable, basicCredentials } from './base64.ts';
import { cardIssuer } from './card.ts';
import { bitcoinAddress, ethereumAddress, moneroAddress } from './crypto.ts';
import { iccid, imei, imsi, mac, mrz, vin } from './device.ts';
import { hex, notHexDigest, notUuid } from './digest.ts';
import { email } from './email.ts';
import { githubToken } from './github.ts';
import { iban } from './iban.ts';
import { ipv4, ipv4Public, ipv6, ipv6Public } from './ip.ts';
import { jwt } from './jwt.ts';
import { luhn } from './luhn.ts';
import { nationalValidators } from './national/list.ts';
import { bic, coordinate, ipNetwork, ipNetworkPublic, personName, webAddress } from './person.ts';
import { phoneE164 } from './phone.ts';
import { notPlaceholder } from './placeholder.ts';
import { keyedToken, strongToken, tokenLike, tokenOrUuid } from './token.ts';
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
  ['keyed-token', keyedToken],
  ['luhn', luhn],
  ['not-hex-digest', notHexDigest],
  ['not-placeholder', notPlaceholder],
  ['not-uuid', notUuid],
  ['phone-e164', phoneE164],
  ['strong-token', strongToken],
  ['token-like', tokenLike],
  ['token-or-uuid', tokenOrUuid],
  // Persons, devices and accounts.
  ['bic', bic],
  ['bitcoin-address', bitcoinAddress],
  ['coordinate', coordinate],
  ['ethereum-address', ethereumAddress],
  ['iccid', iccid],
  ['imei', imei],
  ['imsi', imsi],
  ['ip-network', ipNetwork],
  ['ip-network-public', ipNetworkPublic],
  ['mac', mac],
  ['monero-address', moneroAddress],
  ['mrz', mrz],
  ['person-name', personName],
  ['vin', vin],
  ['web-address', webAddress],
  ...nationalValidators,
]);
