import { describe, expect, it } from 'vitest';
import { neverLooked, Updates, type Updater, type UpdateSteps } from '../../../src-main/electron/updates.ts';

const day = 24 * 3600_000;

interface Script {
  /** null: what is installed is the newest. */
  newer?: string | null;
  answers?: boolean[];
  activeRuns?: number;
  fails?: 'load' | 'check' | 'download';
}

/** The person and the server, as scripted; all that happens is written down. */
function setUp({ newer = '2.0.0', answers = [], activeRuns = 0, fails }: Script) {
  const done: string[] = [];
  const now = { ms: 10 * day };
  let notes = neverLooked;
  const failing = (at: Script['fails']): void => {
    if (fails === at) throw new Error(`no ${at}\n    at a place that nobody wants to see`);
  };
  const updater: Updater = {
    async checkForUpdates() {
      done.push('check');
      failing('check');
      return { isUpdateAvailable: newer !== null, updateInfo: { version: newer ?? '1.0.0' } };
    },
    async downloadUpdate() {
      done.push('download');
      failing('download');
      return [];
    },
    quitAndInstall: (silent, restart) => void done.push(`install ${silent} ${restart}`),
  };
  const answer = (question: string): Promise<boolean> => {
    done.push(question);
    return Promise.resolve(answers.shift() ?? false);
  };
  const steps: UpdateSteps = {
    async updater() {
      failing('load');
      return updater;
    },
    notes: { read: () => notes, write: (next) => (notes = next) },
    activeRuns: async () => activeRuns,
    askToDownload: (version) => answer(`download ${version}?`),
    askToRestart: (version, runs) => answer(`restart for ${version} over ${runs} runs?`),
    sayThatItIsNewest: async () => void done.push('is the newest'),
    sayFailed: async (why) => void done.push(`said: ${why}`),
    close: async () => void done.push('close'),
    log: (line) => void done.push(`log: ${line}`),
  };
  return { updates: new Updates(steps, () => now.ms), done, now };
}

describe('updates', () => {
  it('are fetched after a yes, and installed after another one that knows of the runs', async () => {
    const { updates, done } = setUp({ answers: [true, true], activeRuns: 2 });
    await updates.onStart(true);
    expect(done).toEqual([
      'check',
      'download 2.0.0?',
      'download',
      'restart for 2.0.0 over 2 runs?',
      'close',
      'install false true',
    ]);
  });

  it('are neither fetched nor installed after a no', async () => {
    const first = setUp({ answers: [false] });
    await first.updates.onAsked();
    expect(first.done).toEqual(['check', 'download 2.0.0?']);
    const second = setUp({ answers: [true, false] });
    await second.updates.onAsked();
    expect(second.done.slice(2)).toEqual(['download', 'restart for 2.0.0 over 0 runs?']);
  });

  it('are looked for once a day at the start, and never where the person turned that off', async () => {
    const { updates, done, now } = setUp({ newer: null });
    await updates.onStart(false);
    expect(done).toEqual([]);
    await updates.onStart(true);
    now.ms += day - 1;
    await updates.onStart(true);
    expect(done).toEqual(['check']);
    now.ms += 1;
    await updates.onStart(true);
    expect(done).toEqual(['check', 'check']);
    // The clock was set back.
    now.ms -= 5 * day;
    await updates.onStart(true);
    expect(done).toHaveLength(3);
  });

  it('say that there is none only to who asked', async () => {
    const { updates, done } = setUp({ newer: null });
    await updates.onStart(true);
    await updates.onAsked();
    expect(done).toEqual(['check', 'check', 'is the newest']);
  });

  it.each(['load', 'check'] as const)(
    'fail in silence at the start (%s), and plainly where somebody asked',
    async (fails) => {
      const { updates, done } = setUp({ fails });
      await updates.onStart(true);
      expect(done.filter((text) => text !== 'check')).toEqual([`log: an update failed: no ${fails}`]);
      await updates.onAsked();
      expect(done.at(-1)).toBe(`said: no ${fails}`);
    },
  );

  it('a download that fails after a yes is said, also where nobody had asked before', async () => {
    const { updates, done } = setUp({ fails: 'download', answers: [true] });
    await updates.onStart(true);
    expect(done.at(-1)).toBe('said: no download');
    expect(done.join()).not.toContain('restart');
  });

  it('are looked for once, however often somebody asks meanwhile', async () => {
    const { updates, done } = setUp({ newer: null });
    await Promise.all([updates.onAsked(), updates.onAsked()]);
    expect(done).toEqual(['check', 'is the newest']);
  });
});
