/**
 * The findings of a run as screens see them: those of the case, and while tiles are still to be done those of what is done so far
 * (provisional-findings.ts).
 */
import type { PlainError } from '../contract/errors.ts';
import type { Rect } from '../contract/run.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { FindingStore } from '../store/finding-store.ts';
import { placeOf } from '../store/place.ts';
import { findingFrame } from './finding-frames.ts';
import { ProvisionalFindings } from './provisional-findings.ts';

export interface RunFindingsOptions {
  caseFile: CaseFile;
  no: number;
  /** Of the image. */
  fingerprint: () => string;
  /** Codes of the tiles' states, always the newest. */
  states: () => Uint8Array;
  changed: () => void;
  failed: (error: PlainError) => void;
}

export class RunFindings {
  readonly #options: RunFindingsOptions;
  #count: number | null = null;
  /** While tiles are to be done and a screen looks. */
  #provisional: ProvisionalFindings | null = null;

  constructor(options: RunFindingsOptions) {
    this.#options = options;
  }

  get store(): FindingStore {
    return this.#provisional?.findings ?? this.#options.caseFile.findings;
  }

  /** Of the merge of what is done so far; null where there is none. */
  get provisional(): ProvisionalFindings['view'] | null {
    return this.#provisional?.view ?? null;
  }

  /**
   * How many of the case are at or above the run's threshold. While it works the number does not change: findings are replaced at
   * the end, in one piece.
   */
  count(threshold: number, isAtWork: boolean): number {
    if (!isAtWork || this.#count === null) {
      const { caseFile, no } = this.#options;
      this.#count = caseFile.findings.countFrom(no, threshold);
    }
    return this.#count;
  }

  /** See RunConductor.findingFrame. */
  frame(by?: string): Uint8Array {
    const { caseFile, no } = this.#options;
    if (caseFile.runs.get(no).step === 'analyze' && mayBeReadTwice(caseFile)) {
      this.#provisional ??= this.#newProvisional();
      this.#provisional.want();
    }
    if (by !== undefined) return findingFrame(this.store, no, by);
    return this.#provisional?.frame() ?? findingFrame(caseFile.findings, no);
  }

  /** Whether tiles that are still to come may change what was found at a place. */
  mayChange(box: Rect): boolean {
    return this.#provisional?.mayChange(box) ?? false;
  }

  /** More tiles are done. */
  refresh(): void {
    this.#provisional?.refresh();
  }

  /** From now on those of the case count. */
  async endProvisional(): Promise<void> {
    const ending = this.#provisional;
    this.#provisional = null;
    await ending?.close();
  }

  #newProvisional(): ProvisionalFindings {
    const { caseFile, no, fingerprint, states, changed, failed } = this.#options;
    return new ProvisionalFindings({
      casePath: caseFile.path,
      run: no,
      fingerprint: fingerprint(),
      grid: caseFile.runs.get(no).grid,
      states,
      changed,
      failed,
    });
  }
}

/** On network shares the case is held by one connection; a case that is only read is another program's. */
function mayBeReadTwice(caseFile: CaseFile): boolean {
  return !caseFile.isReadOnly && !placeOf(caseFile.path).isNetwork;
}
