/**
 * What the screens may see of a run's tiles: only what is committed, by revision, so that a screen that was away asks for what
 * came after the revision that it has.
 */
import { encodeTileFrame } from '../contract/tile-frame.ts';
import { tileStateCode, tileStates } from '../contract/run.ts';
import type { TileCounts } from '../contract/run.ts';
import type { TileChange, TileRow } from '../store/tile-store.ts';

let lastGeneration = 0;
/** Changes that are remembered, so that a screen that keeps up costs what has changed and not what there is. */
const mostRemembered = 65_536;

export class VisibleTiles {
  /** Another one each time a run is loaded: revisions of different generations cannot be compared. */
  readonly generation = (lastGeneration = Math.max(lastGeneration + 1, Math.floor(Date.now() / 1000)));
  revision = 1;
  readonly state: Uint8Array;
  readonly score: Uint8Array;
  readonly classIndex: Uint8Array;
  readonly skip: Uint8Array;
  readonly #changedAt: Uint32Array;
  readonly #counts = new Int32Array(tileStates.length);
  /** Tiles that the newest revisions changed, oldest first. */
  #remembered: { revision: number; tiles: number[] }[] = [];
  #rememberedTiles = 0;
  /** Of this revision so far. */
  #changing: number[] = [];

  constructor(rows: Iterable<TileRow>, count: number) {
    this.state = new Uint8Array(count);
    this.score = new Uint8Array(count);
    this.classIndex = new Uint8Array(count).fill(255);
    this.skip = new Uint8Array(count);
    this.#changedAt = new Uint32Array(count).fill(1);
    for (const row of rows) {
      this.state[row.idx] = row.state;
      this.score[row.idx] = Math.round((row.score ?? 0) * 255);
      this.classIndex[row.idx] = row.classIndex ?? 255;
      this.skip[row.idx] = row.skip;
    }
    for (const state of this.state) this.#counts[state] = (this.#counts[state] ?? 0) + 1;
  }

  #move(tile: number, state: number): void {
    const before = this.state[tile] ?? 0;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[state] = (this.#counts[state] ?? 0) + 1;
    this.state[tile] = state;
    if (this.#changedAt[tile] !== this.revision) this.#changing.push(tile);
    this.#changedAt[tile] = this.revision;
  }

  /** Call after the commit, never before. */
  committed(changes: readonly TileChange[]): void {
    this.revision++;
    this.#changing = [];
    for (const change of changes) {
      if (change.kind === 'done') {
        const { tile, score, classIndex } = change.result;
        this.score[tile] = Math.round(Math.min(1, Math.max(0, score)) * 255);
        this.classIndex[tile] = classIndex;
        this.#move(tile, tileStateCode.done);
      } else {
        const state = { grant: 'running', wait: 'waiting', fail: 'failed', release: 'pending' } as const;
        this.#move(change.tile, tileStateCode[state[change.kind]]);
      }
    }
    this.#remember();
  }

  #remember(): void {
    this.#remembered.push({ revision: this.revision, tiles: this.#changing });
    this.#rememberedTiles += this.#changing.length;
    while (this.#rememberedTiles > mostRemembered) {
      this.#rememberedTiles -= this.#remembered.shift()?.tiles.length ?? 0;
    }
  }

  /** Tiles that changed after a revision, by their index. */
  #changedAfter(since: number): number[] {
    const changed: number[] = [];
    const oldest = this.#remembered[0]?.revision ?? this.revision + 1;
    if (since >= oldest - 1) {
      for (const { revision, tiles } of this.#remembered) {
        if (revision <= since) continue;
        // A tile that changed again is told of once.
        for (const tile of tiles) if (this.#changedAt[tile] === revision) changed.push(tile);
      }
      return changed.sort((a, b) => a - b);
    }
    for (let tile = 0; tile < this.state.length; tile++) {
      if ((this.#changedAt[tile] ?? 0) > since) changed.push(tile);
    }
    return changed;
  }

  counts(): TileCounts {
    const of = (state: keyof typeof tileStateCode): number => this.#counts[tileStateCode[state]] ?? 0;
    return {
      total: this.state.length,
      pending: of('pending'),
      running: of('running'),
      waiting: of('waiting'),
      done: of('done'),
      skipped: of('skipped'),
      failed: of('failed'),
    };
  }

  /** Everything that changed after a revision, as a frame of contract/tile-frame.ts. */
  frame(since: number): Uint8Array {
    const changed = this.#changedAfter(since);
    return encodeTileFrame(
      { revision: this.revision, tileCount: this.state.length, generation: this.generation },
      changed.length,
      (position, out) => {
        const tile = changed[position] ?? 0;
        out.index = tile;
        out.state = this.state[tile] ?? 0;
        out.score = this.score[tile] ?? 0;
        out.classIndex = this.classIndex[tile] ?? 255;
        out.skipReason = this.skip[tile] ?? 0;
      },
    );
  }
}
