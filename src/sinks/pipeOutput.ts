/** Standard output as a sink: what the system has taken is accepted, since no pipe tells more. */
import { FileWriter } from './fileWriter.ts';
import type { Output } from './output.ts';

export class PipeOutput implements Output {
  readonly name = 'standard output';
  accepted = 0;
  readonly #writer: FileWriter;

  constructor(fd: number) {
    this.#writer = new FileWriter(fd);
  }

  async write(bytes: Buffer, number: number): Promise<void> {
    await this.#writer.write(bytes);
    this.accepted = number;
  }

  settle(): undefined {
    return undefined;
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}
}
