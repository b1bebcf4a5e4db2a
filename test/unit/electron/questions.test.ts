import { describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { answerQuestion, Questions, type AnswerMessage } from '../../../src-main/electron/questions.ts';

/** Both ends; messages are copied as on a real channel. */
function connected(work: (question: string) => unknown) {
  const questions: Questions<string> = new Questions((message) => {
    const { id, question } = structuredClone(message);
    void answerQuestion(
      id,
      () => work(question),
      (answer: AnswerMessage) => questions.onAnswer(structuredClone(answer)),
    );
  });
  return questions;
}

describe('questions', () => {
  it('get their own answers, in whatever order these come', async () => {
    const waiting = new Map<string, (value: string) => void>();
    const questions = connected(
      (question) => new Promise<string>((resolve) => waiting.set(question, resolve)),
    );
    const [a, b] = [questions.ask('a'), questions.ask('b')];
    waiting.get('b')!('B');
    waiting.get('a')!('A');
    expect(await Promise.all([a, b])).toEqual(['A', 'B']);
  });

  it('fail with the error that was thrown, with its code, place and hint', async () => {
    const questions = connected(() => {
      throw new GigatileError('file-not-found', 'Gone', { where: 'a.svs', hint: 'Look again.' });
    });
    await expect(questions.ask('x')).rejects.toMatchObject({
      code: 'file-not-found',
      message: 'Gone',
      where: 'a.svs',
      hint: 'Look again.',
    });
  });

  it('fail where the other side has gone, and later answers to them are dropped', async () => {
    const questions = new Questions<string>(() => undefined);
    const first = questions.ask('a');
    questions.failAll(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    questions.onAnswer({ kind: 'answer', id: 1, value: 1 });
    const second = questions.ask('b');
    questions.onAnswer({ kind: 'answer', id: 2, value: 2 });
    expect(await second).toBe(2);
  });
});
