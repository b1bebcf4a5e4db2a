import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../src-main/contract/settings.ts';
import { GpuWatch } from '../../../src-main/electron/gpu-watch.ts';
import { RunDesk } from '../../../src-main/electron/run-desk.ts';
import type { EndedRun } from '../../../src-main/engine/shell.ts';

function setUp(inFront = false) {
  const log: string[] = [];
  const desk = new RunDesk(
    {
      showProgress: (value) => log.push(`progress ${value}`),
      notify: (title, body, casePath) => log.push(`${title} | ${body} | ${casePath}`),
      isInFront: () => inFront,
      keepAwake() {
        log.push('awake');
        return () => log.push('may sleep');
      },
    },
    defaultSettings,
  );
  const take = () => log.splice(0);
  return { desk, take };
}

const ended = (changes: Partial<EndedRun> = {}): EndedRun => ({
  case: '/cases/Anna Muster.gigatile',
  model: 'Nuclei',
  state: 'complete',
  findings: 1234,
  reason: null,
  ...changes,
});

describe('runs on the desktop', () => {
  it('show their progress, and keep the computer awake as long as one goes on', () => {
    const { desk, take } = setUp();
    desk.onNews({ active: 1, progress: null, ended: [] });
    desk.onNews({ active: 2, progress: 0.25, ended: [] });
    expect(take()).toEqual(['progress 2', 'awake', 'progress 0.25']);
    desk.onNews({ active: 0, progress: null, ended: [] });
    expect(take()).toEqual(['progress -1', 'may sleep']);
  });

  it('let it sleep where a person wants that, also in the middle', () => {
    const { desk, take } = setUp();
    desk.onNews({ active: 1, progress: 0.1, ended: [] });
    desk.onSettings({ ...defaultSettings, keepAwake: false });
    desk.onNews({ active: 1, progress: 0.2, ended: [] });
    expect(take()).toEqual(['progress 0.1', 'awake', 'may sleep', 'progress 0.2']);
    desk.onSettings(defaultSettings);
    expect(take()).toEqual(['awake']);
    desk.onEngineGone();
    expect(take()).toEqual(['progress -1', 'may sleep']);
  });

  it('say that they have ended, where nobody looks; never whose image it was', () => {
    const { desk, take } = setUp();
    const all = [
      ended(),
      ended({ state: 'complete-with-gaps', findings: 1 }),
      ended({ state: 'failed', reason: '12 % of the tiles failed' }),
      ended({ state: 'paused', reason: 'The disk is full' }),
    ];
    desk.onNews({ active: 0, progress: null, ended: all });
    const said = take().slice(1);
    expect(said).toEqual([
      'The analysis is complete | Nuclei: 1,234 findings | /cases/Anna Muster.gigatile',
      'The analysis is complete, with gaps | Nuclei: 1 finding | /cases/Anna Muster.gigatile',
      'The analysis has failed | 12 % of the tiles failed | /cases/Anna Muster.gigatile',
      'The analysis waits for you | The disk is full | /cases/Anna Muster.gigatile',
    ]);
    for (const text of said) expect(text.split(' | ').slice(0, 2).join()).not.toContain('Anna');
  });

  it('say nothing to whom looks, or does not want it', () => {
    const looking = setUp(true);
    looking.desk.onNews({ active: 0, progress: null, ended: [ended()] });
    expect(looking.take()).toEqual(['progress -1']);
    const { desk, take } = setUp();
    desk.onSettings({ ...defaultSettings, notify: false });
    desk.onNews({ active: 0, progress: null, ended: [ended()] });
    expect(take()).toEqual(['progress -1']);
  });
});

it('a graphics process that dies once or twice is Chromium’s business; more often, it is left alone', () => {
  let gaveUp = 0;
  const watch = new GpuWatch(() => gaveUp++);
  const die = (type: 'GPU' | 'Utility', reason: 'crashed' | 'clean-exit' = 'crashed') =>
    watch.onChildGone({ type, reason });
  for (let i = 0; i < 5; i++) die('Utility');
  for (let i = 0; i < 5; i++) die('GPU', 'clean-exit');
  die('GPU');
  die('GPU');
  expect(gaveUp).toBe(0);
  for (let i = 0; i < 3; i++) die('GPU');
  expect(gaveUp).toBe(1);
});
