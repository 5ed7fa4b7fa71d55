/** Incidents that wait for their review to be booked, a file each: bounded in number, and gone only once they are booked. */
import type { PrivateFolder } from '../../state/privateFolder.ts';
import { type Incident, incidentSchema } from './incident.ts';

/** They are merged with each run, so more means that something is wrong for long. */
const MOST_WAITING = 100;
const MOST_BYTES = 2 * 1024 * 1024;
const NAME = /^inc_[0-9a-f]{24}\.json$/;

export class IncidentSpool {
  readonly #folder: PrivateFolder;
  /** Names under which damaged files were kept. */
  readonly damaged: string[] = [];

  constructor(folder: PrivateFolder) {
    this.#folder = folder;
  }

  /** @throws IoError */
  waiting(): Incident[] {
    return this.#names().flatMap((name) => {
      const content = this.#folder.read(name, MOST_BYTES);
      if (content.kind === 'missing') return [];
      const incident = content.kind === 'text' ? parse(content.text) : undefined;
      if (incident !== undefined && `${incident.id}.json` === name) return [incident];
      this.damaged.push(this.#folder.setAside(name));
      return [];
    });
  }

  /** @returns whether there was room. @throws IoError */
  put(incident: Incident): boolean {
    const name = `${incident.id}.json`;
    const names = this.#names();
    if (names.length >= MOST_WAITING && !names.includes(name)) return false;
    this.#folder.write(name, `${JSON.stringify(incident)}\n`);
    return true;
  }

  /** @throws IoError */
  remove({ id }: Incident): void {
    this.#folder.remove(`${id}.json`);
  }

  #names(): string[] {
    return this.#folder.names().filter((name) => NAME.test(name));
  }
}

function parse(text: string): Incident | undefined {
  try {
    return incidentSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
