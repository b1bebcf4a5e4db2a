/**
 * That reports of a batch are being written: how far that is, who may end it, and how it ended. The batch tells it, so that whoever looks
 * on sees the same. Nothing of it is kept: the file is there or not.
 */
import type { BatchReported, BatchReporting } from '../../contract/batch.ts';
import { GigatileError, toPlainError } from '../../contract/errors.ts';

/** What those that write say of their work. */
export interface ReportingSteps {
  /** Ends it, wherever it is. */
  readonly signal: AbortSignal;
  /** This image is in work; its place in the batch. */
  begin(image: number): void;
  /** Its report is in the archive, whole. */
  done(): void;
  /** It has none, and the archive says why. */
  failed(): void;
}

interface Work {
  view: BatchReporting;
  stop: AbortController;
  /** Never rejects. */
  ended: Promise<void>;
}

export class Reporting {
  readonly #changed: () => void;
  #work: Work | null = null;
  #last: BatchReported | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  view(): { reporting: BatchReporting | null; reported: BatchReported | null } {
    return { reporting: this.#work && { ...this.#work.view }, reported: this.#last };
  }

  /** @throws {GigatileError} conflict while others are written: two archives at once would share the cores and the line on the screen */
  refuseSecond(): void {
    if (this.#work === null) return;
    throw new GigatileError('conflict', 'Reports of this batch are being written already', {
      hint: 'Wait until they are there, or cancel them.',
    });
  }

  /**
   * @param total reports to write
   * @param awaited where whoever waits for them can go away: nobody wants them then
   * @throws {GigatileError} conflict (above); cancelled; what `write` throws
   */
  async run(
    total: number,
    write: (steps: ReportingSteps) => Promise<void>,
    awaited?: AbortSignal,
  ): Promise<void> {
    this.refuseSecond();
    const stop = new AbortController();
    const signal = awaited === undefined ? stop.signal : AbortSignal.any([stop.signal, awaited]);
    const view: BatchReporting = { done: 0, failed: 0, total, image: null, isStopping: false };
    const ended = Promise.withResolvers<void>();
    this.#work = { view, stop, ended: ended.promise };
    const tell = (change: Partial<BatchReporting>): void => {
      Object.assign(view, change);
      this.#changed();
    };
    const end = (outcome: BatchReported['outcome'], error: BatchReported['error'] = null): void => {
      const { done, failed } = view;
      this.#last = { outcome, done, failed, total, error };
    };
    this.#last = null;
    this.#changed();
    try {
      await write({
        signal,
        begin: (image) => tell({ image }),
        done: () => tell({ image: null, done: view.done + 1 }),
        failed: () => tell({ image: null, failed: view.failed + 1 }),
      });
      end('written');
    } catch (error) {
      // What goes wrong after that goes wrong because of it, whatever it says.
      if (!signal.aborted) {
        end('failed', toPlainError(error));
        throw error;
      }
      end('cancelled');
      throw new GigatileError(
        'cancelled',
        `Cancelled after ${view.done} of ${total} reports: nothing was saved`,
      );
    } finally {
      this.#work = null;
      ended.resolve();
      this.#changed();
    }
  }

  /** They end as soon as may be; nothing is left of them. */
  cancel(): void {
    if (this.#work === null) return;
    this.#work.view.isStopping = true;
    this.#work.stop.abort();
    this.#changed();
  }

  /** What is said of them is of before: the batch goes on. */
  forget(): void {
    this.#last = null;
    this.#changed();
  }

  /** The program ends. */
  async close(): Promise<void> {
    this.cancel();
    await this.#work?.ended;
  }
}
