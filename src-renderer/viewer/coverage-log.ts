/** One reviewer's looks at the open image: shown at once, and sent to the case, again where it could not be reached. */
import type { Look } from '../../src-main/contract/coverage.ts';
import { mostLooks } from '../../src-main/contract/coverage.ts';
import { LookCoverage } from '../../src-main/core/look-coverage.ts';
import type { Connection } from '../client/connection.ts';

interface CoverageLogOptions {
  connection: Pick<Connection, 'api'>;
  caseId: string;
  image: { width: number; height: number };
  reviewer: string;
  /** The case can only be looked at: looks are shown and not kept. */
  isReadOnly: boolean;
  /** There is more than before. */
  onChange: () => void;
  onProblem: (error: unknown) => void;
}

export class CoverageLog {
  readonly coverage: LookCoverage;
  readonly #options: CoverageLogOptions;
  #unsent: Look[] = [];
  #sending = false;

  constructor(options: CoverageLogOptions) {
    this.#options = options;
    this.coverage = new LookCoverage(options.image);
  }

  /** Takes in what the case knows. */
  async load(): Promise<void> {
    const { connection, caseId, reviewer } = this.#options;
    try {
      const all = await connection.api.coverage.list({ caseId });
      const own = all.find((view) => view.reviewer === reviewer);
      if (own !== undefined) this.#take(own.cells);
    } catch (error) {
      this.#options.onProblem(error);
    }
  }

  add(look: Look): void {
    this.coverage.add(look.rect, look.pixels);
    this.#options.onChange();
    if (this.#options.isReadOnly) return;
    this.#unsent.push(look);
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const { connection, caseId, reviewer } = this.#options;
    try {
      while (this.#unsent.length > 0) {
        const looks = this.#unsent.slice(0, mostLooks);
        const { cells } = await connection.api.coverage.look({ caseId, reviewer, looks });
        this.#unsent = this.#unsent.slice(looks.length);
        this.#take(cells);
      }
    } catch (error) {
      // They go with the next look.
      this.#options.onProblem(error);
    } finally {
      this.#sending = false;
    }
  }

  #take(cells: string): void {
    const bytes = Uint8Array.from(atob(cells), (char) => char.charCodeAt(0));
    this.coverage.merge(new LookCoverage(this.#options.image, bytes));
    this.#options.onChange();
  }
}
