import { describe, expect, it } from 'vitest';
import { QuitFlow, type QuitSteps } from '../../../src-main/electron/quit.ts';

class Event {
  prevented = false;
  preventDefault(): void {
    this.prevented = true;
  }
}

function setUp(activeRuns: number, answers: boolean[], broken: Partial<QuitSteps> = {}) {
  const log: string[] = [];
  const asked = [...answers];
  const flow: QuitFlow = new QuitFlow({
    activeRuns: async () => activeRuns,
    confirm: async (runs) => {
      log.push(`confirm ${runs}`);
      return asked.shift()!;
    },
    close: async () => void log.push('close'),
    failed: (error) => void log.push(String(error)),
    ...broken,
    quit: () => {
      const event = new Event();
      flow.onBeforeQuit(event);
      log.push(event.prevented ? 'quit refused' : 'quit');
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { flow, log, settle };
}

describe('quitting', () => {
  it('closes the engine first, and asks nothing where nothing runs', async () => {
    const { flow, log, settle } = setUp(0, []);
    const event = new Event();
    flow.onBeforeQuit(event);
    expect(event.prevented).toBe(true);
    await settle();
    expect(log).toEqual(['close', 'quit']);
    expect(flow.ready).toBe(true);
  });

  it('asks while runs go on, once however often it is told to quit', async () => {
    const { flow, log, settle } = setUp(2, [true]);
    for (let i = 0; i < 3; i++) flow.onBeforeQuit(new Event());
    await settle();
    expect(log).toEqual(['confirm 2', 'close', 'quit']);
  });

  it('goes on where the person wants to keep running, and asks again the next time', async () => {
    const { flow, log, settle } = setUp(1, [false, true]);
    flow.onBeforeQuit(new Event());
    await settle();
    expect(log).toEqual(['confirm 1']);
    expect(flow.ready).toBe(false);
    flow.onBeforeQuit(new Event());
    await settle();
    expect(log).toEqual(['confirm 1', 'confirm 1', 'close', 'quit']);
  });

  it('is not what closing one of several windows means', () => {
    const { flow, log } = setUp(1, []);
    const event = new Event();
    flow.onWindowClose(event, false);
    expect(event.prevented).toBe(false);
    expect(log).toEqual([]);
  });

  it('goes through where the engine cannot be asked, or closes badly', async () => {
    const { flow, log, settle } = setUp(1, [], {
      activeRuns: () => Promise.reject(new Error('gone')),
      close: () => Promise.reject(new Error('the disk is full')),
    });
    flow.onBeforeQuit(new Event());
    await settle();
    expect(log).toEqual(['Error: gone', 'Error: the disk is full', 'quit']);
  });

  it('is what closing the last window means; the window stays until all is closed', async () => {
    const { flow, log, settle } = setUp(1, [true]);
    const early = new Event();
    flow.onWindowClose(early, true);
    expect(early.prevented).toBe(true);
    await settle();
    const late = new Event();
    flow.onWindowClose(late, true);
    expect(late.prevented).toBe(false);
    expect(log).toEqual(['quit refused', 'confirm 1', 'close', 'quit']);
  });
});
