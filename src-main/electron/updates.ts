/**
 * Updates, where whoever packed the program named a server for them: looked for once a day at most or when the person asks, fetched
 * only after a yes, installed only after another one. A failure is said to who asked, and only logged otherwise.
 */
import type { AppUpdater } from 'electron-updater';
import { z } from 'zod';

/** The part of electron-updater that is used. */
export type Updater = Pick<AppUpdater, 'downloadUpdate' | 'quitAndInstall'> & {
  checkForUpdates(): Promise<{ isUpdateAvailable: boolean; updateInfo: { version: string } } | null>;
};

export const updateNotesSchema = z.object({ lookedAtMs: z.number() });
export type UpdateNotes = z.infer<typeof updateNotesSchema>;
export const neverLooked: UpdateNotes = { lookedAtMs: 0 };

export interface UpdateSteps {
  /** Loaded when it is needed. */
  updater(): Promise<Updater>;
  notes: { read(): UpdateNotes; write(notes: UpdateNotes): void };
  activeRuns(): Promise<number>;
  askToDownload(version: string): Promise<boolean>;
  /** Says that runs go on, where they do. */
  askToRestart(version: string, activeRuns: number): Promise<boolean>;
  sayThatItIsNewest(): Promise<void>;
  sayFailed(why: string): Promise<void>;
  /** Leaves runs resumable and ends the engine: quitting asks nothing any more. */
  close(): Promise<void>;
  log(line: string): void;
}

const onceADayMs = 24 * 3600_000;

export class Updates {
  readonly #steps: UpdateSteps;
  readonly #now: () => number;
  #busy = false;

  constructor(steps: UpdateSteps, now: () => number = Date.now) {
    this.#steps = steps;
    this.#now = now;
  }

  /** At the start of the program. */
  async onStart(isWanted: boolean): Promise<void> {
    const { lookedAtMs } = this.#steps.notes.read();
    const since = this.#now() - lookedAtMs;
    // A clock that was set back is no reason never to look again.
    if (isWanted && (since >= onceADayMs || since < 0)) await this.#look(false);
  }

  /** The person asks. */
  async onAsked(): Promise<void> {
    await this.#look(true);
  }

  async #look(wasAsked: boolean): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    // Whatever comes after a yes is the person's own wish.
    let isTheirs = wasAsked;
    try {
      const updater = await this.#steps.updater();
      this.#steps.notes.write({ lookedAtMs: this.#now() });
      const found = await updater.checkForUpdates();
      if (found?.isUpdateAvailable !== true) {
        if (wasAsked) await this.#steps.sayThatItIsNewest();
        return;
      }
      const { version } = found.updateInfo;
      if (!(await this.#steps.askToDownload(version))) return;
      isTheirs = true;
      await updater.downloadUpdate();
      if (!(await this.#steps.askToRestart(version, await this.#steps.activeRuns()))) return;
      await this.#steps.close();
      updater.quitAndInstall(false, true);
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      this.#steps.log(`an update failed: ${why}`);
      if (isTheirs) await this.#steps.sayFailed(why);
    } finally {
      this.#busy = false;
    }
  }
}
