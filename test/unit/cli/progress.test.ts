import { afterEach, expect, it, vi } from 'vitest';
import { progressPrinter } from '../../../src-main/cli/progress.ts';
import type { RunEvent } from '../../../src-main/contract/run.ts';
import { parseLines } from '../../support/cli.ts';

afterEach(() => vi.restoreAllMocks());

const error = {
  code: 'queue-unreachable' as const,
  message: 'The disk of the server is full',
  hint: 'Make room.',
};
const eventOf = (state: string, lastError: RunEvent['lastError']): RunEvent =>
  ({
    run: {
      id: 'run-1',
      state,
      step: 'analyze',
      tiles: { total: 4, pending: 3, running: 0, waiting: 0, done: 1, skipped: 0, failed: 0 },
    },
    tilesPerSecond: null,
    etaSeconds: null,
    lastError,
  }) as unknown as RunEvent;
const events = [
  eventOf('running', null),
  eventOf('running', error),
  eventOf('running', error),
  eventOf('running', null),
  eventOf('running', error),
  // What ended it is told by the end.
  eventOf('paused', error),
];

function printed(json: boolean, stream: 'stdout' | 'stderr'): string {
  let text = '';
  vi.spyOn(process[stream], 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  const printer = progressPrinter(json);
  for (const event of events) printer.show(event);
  return text;
}

it('a program is told what a run waits for, once, and that it is over', () => {
  const troubles = parseLines(printed(true, 'stdout')).filter(({ event }) => event === 'trouble');
  expect(troubles.map((line) => line['error'])).toEqual([error, null, error]);
});

it('a person is told in a line of its own', () => {
  const lines = printed(false, 'stderr')
    .split('\n')
    .filter((line) => /full|goes on/.test(line));
  expect(lines).toEqual([
    'The disk of the server is full. Make room.',
    'The run goes on.',
    'The disk of the server is full. Make room.',
  ]);
});
