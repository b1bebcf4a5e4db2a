/** Runs that were paused because the disk was full go on by themselves when there is room again. */
import { GigatileError } from '../contract/errors.ts';
import type { Clock, Timer } from '../core/clock.ts';

const lookMs = 3000;

export interface RunThatWaits {
  readonly no: number;
  /** It rests because the disk was full. A person may have taken it up or cancelled it since. */
  readonly waitsForRoom: boolean;
}

export class RoomWatch {
  readonly #clock: Clock;
  readonly #hasRoom: (no: number) => boolean;
  readonly #resume: (no: number) => void;
  readonly #looking = new Map<number, Timer>();

  constructor(clock: Clock, hasRoom: (no: number) => boolean, resume: (no: number) => void) {
    this.#clock = clock;
    this.#hasRoom = hasRoom;
    this.#resume = resume;
  }

  /** Call it when a run comes to rest. */
  rests(run: RunThatWaits): void {
    if (!run.waitsForRoom || this.#looking.has(run.no)) return;
    this.#looking.set(
      run.no,
      this.#clock.every(lookMs, () => this.#look(run)),
    );
  }

  #look(run: RunThatWaits): void {
    if (!run.waitsForRoom) {
      this.#stop(run.no);
      return;
    }
    try {
      if (!this.#hasRoom(run.no)) return;
      this.#stop(run.no);
      this.#resume(run.no);
    } catch (error) {
      if (!(error instanceof GigatileError)) throw error;
      // Somebody else was quicker with the room: it is looked for again.
      this.rests(run);
    }
  }

  #stop(no: number): void {
    this.#looking.get(no)?.cancel();
    this.#looking.delete(no);
  }

  close(): void {
    for (const timer of this.#looking.values()) timer.cancel();
    this.#looking.clear();
  }
}
