/** Questions and answers over a channel that only carries messages, the same at both ends. */
import { GigatileError, toPlainError, type PlainError } from '../contract/errors.ts';

export type AnswerMessage =
  { kind: 'answer'; id: number; value: unknown } | { kind: 'answer-failed'; id: number; error: PlainError };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Questions<Question> {
  readonly #send: (message: { kind: 'question'; id: number; question: Question }) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(send: (message: { kind: 'question'; id: number; question: Question }) => void) {
    this.#send = send;
  }

  /** The other side's answer, as it came: the caller checks what it is. */
  ask(question: Question): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'question', id, question });
    });
  }

  onAnswer(message: AnswerMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return; // asked of a process that has gone meanwhile
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting.resolve(message.value);
    else waiting.reject(GigatileError.fromPlain(message.error));
  }

  /** The other side has gone: nobody will answer any more. */
  failAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const question of waiting) question.reject(error);
  }
}

/** Answers a question with what a function returns, or with the error it throws. */
export async function answerQuestion(
  id: number,
  work: () => unknown,
  send: (message: AnswerMessage) => void,
): Promise<void> {
  try {
    send({ kind: 'answer', id, value: await work() });
  } catch (error) {
    send({ kind: 'answer-failed', id, error: toPlainError(error) });
  }
}
