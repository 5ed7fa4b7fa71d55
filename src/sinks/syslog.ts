/** Events as syslog messages (RFC 5424), framed by octet counting or by line ends (RFC 6587, 3.4.1 and 3.4.2). */
import { hostname } from 'node:os';
import type { Framing } from './socketLines.ts';
import type { SinkEvent } from './transport.ts';

/** Facility 1 (user), severity 6 (informational): RFC 5424, 6.2.1. */
const PRIORITY = 1 * 8 + 6;
const NOT_PRINTABLE = /[^\x21-\x7e]/g;
/** RFC 5424, 6: lengths of HOSTNAME. */
const HOST_LENGTH = 255;

export function syslogFraming(framing: 'octet-counting' | 'newline'): Framing {
  const host = hostname().replace(NOT_PRINTABLE, '').slice(0, HOST_LENGTH) || '-';
  return (event) => {
    const message = messageOf(event, host);
    if (framing === 'octet-counting') return Buffer.concat([Buffer.from(`${message.length} `), message]);
    // A line end would end the message.
    return Buffer.from(`${message.toString('latin1').replaceAll('\n', ' ')}\n`, 'latin1');
  };
}

function messageOf({ bytes }: SinkEvent, host: string): Buffer {
  const header = `<${PRIORITY}>1 ${new Date().toISOString()} ${host} logveil ${process.pid} - - `;
  return Buffer.concat([Buffer.from(header), bytes]);
}
