/** Events appended to a file only its owner can read. */
import { appendFileSync } from 'node:fs';
import { describeIo } from '../errors.ts';
import { OWNER_ONLY } from './ownerOnly.ts';
import { SinkError, type SinkEvent, type Transport } from './transport.ts';

export class FileTransport implements Transport {
  readonly name: string;

  constructor(path: string) {
    this.name = path;
  }

  async send(events: readonly SinkEvent[]): Promise<void> {
    try {
      appendFileSync(this.name, events.map(({ bytes }) => `${bytes.toString()}\n`).join(''), {
        mode: OWNER_ONLY,
      });
    } catch (error) {
      throw new SinkError('later', `${this.name} can't be written: ${describeIo(error)}`);
    }
  }

  async close(): Promise<void> {}
}
