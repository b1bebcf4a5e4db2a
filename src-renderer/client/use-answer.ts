/** Asks the engine for something and keeps the answer; asks again where the question changes, and drops late answers. */
import { useEffect, useEffectEvent, useState } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { plainErrorOf } from './plain-error.ts';

export interface Answer<T> {
  /** The answer to the present question, or to the one before while the present one is on its way; null while there is none. */
  value: T | null;
  error: PlainError | null;
  /** True while `value` or `error` belongs to an earlier question. */
  stale: boolean;
}

/**
 * @param question names what is asked; null asks nothing.
 * @param waitMs the question has to stand this long first, so that a slider asks once.
 */
export function useAnswer<T>(
  question: string | null,
  ask: (signal: AbortSignal) => Promise<T>,
  waitMs = 0,
): Answer<T> {
  const [state, setState] = useState<{ question: string | null; value: T | null; error: PlainError | null }>({
    question: null,
    value: null,
    error: null,
  });
  const askNow = useEffectEvent((signal: AbortSignal) => ask(signal));
  useEffect(() => {
    if (question === null) return undefined;
    const ended = new AbortController();
    const timer = setTimeout(() => {
      askNow(ended.signal)
        .then((value) => {
          if (!ended.signal.aborted) setState({ question, value, error: null });
        })
        .catch((reason: unknown) => {
          if (!ended.signal.aborted) {
            setState((before) => ({ question, value: before.value, error: plainErrorOf(reason) }));
          }
        });
    }, waitMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [question, waitMs]);
  return { value: state.value, error: state.error, stale: state.question !== question };
}
