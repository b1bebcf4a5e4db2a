/** Says that the server is away, and why, once for each thing that is the matter; and that it is there again. */
import { formatError, toPlainError } from '../../contract/errors.ts';

export class ServerWatch {
  readonly #say: (text: string) => void;
  #since: number | null = null;
  #said = '';

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  away(error: unknown): void {
    this.#since ??= performance.now();
    const plain = toPlainError(error);
    // What the network says after the colon changes while a server goes down and comes up.
    const [what = ''] = plain.message.split(':');
    if (what !== this.#said) this.#say(`${formatError(plain)} Waiting for it.`);
    this.#said = what;
  }

  there(): void {
    if (this.#since === null) return;
    this.#say(`The queue is there again, after ${Math.round((performance.now() - this.#since) / 1000)} s.`);
    this.#since = null;
    this.#said = '';
  }
}
