/** What is written for this window is told once it takes a while, and can be given up. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { commandOf } from '../../../src-renderer/app/commands/registry.ts';
import { useApp } from '../../../src-renderer/state/app-store.ts';
import type { Controller } from '../../../src-renderer/state/controller.ts';
import { useWriting, whileWriting } from '../../../src-renderer/state/writing.ts';

const cancel = commandOf('cancel-writing');
const told = () => useWriting.getState().items.map(({ label }) => label);
/** As the engine's answer: it ends when it is given up. */
const endless = (signal: AbortSignal) =>
  new Promise<string>((_, reject) =>
    signal.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError'))),
  );

beforeEach(() => {
  vi.useFakeTimers();
  useApp.setState({ notices: [], told: [] });
});
afterEach(() => vi.useRealTimers());

it('is given up by a command, which leaves nothing to be told', async () => {
  const writing = whileWriting('CSV', endless);
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(told()).toEqual(['CSV']);
  expect(cancel.isEnabled?.()).toBe(true);
  void cancel.run({} as Controller);
  expect(await writing).toBeNull();
  expect(told()).toEqual([]);
  expect(cancel.isEnabled?.()).toBe(false);
  expect(useApp.getState().notices.map(({ tone, title }) => `${tone} ${title}`)).toEqual([
    'info CSV: given up, nothing was written',
  ]);
});

it('that ends soon, or fails, is not told as being written', async () => {
  expect(await whileWriting('CSV', () => Promise.resolve('saved'))).toBe('saved');
  const failing = whileWriting('PDF', () => Promise.reject(new Error('disk')));
  await expect(failing).rejects.toThrow('disk');
  vi.advanceTimersByTime(1000);
  expect(told()).toEqual([]);
});
