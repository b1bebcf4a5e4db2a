/**
 * The tile states of one run as the overlay's textures want them: 4 bytes a tile (state, score, class, skip reason), row-major,
 * cut into pages no larger than a texture may be. Frames are applied by revision.
 */
import { tileFrameRecordBytes, type TileFrame, type TileRecord } from '../../src-main/contract/tile-frame.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';

export interface TilePage {
  /** First column and row of the grid in this page. */
  column: number;
  row: number;
  columns: number;
  rows: number;
  /** columns * rows * 4 bytes. */
  data: Uint8Array;
  /** Rows [from, to) that changed since the painter last took them; from === to where none did. */
  dirtyFrom: number;
  dirtyTo: number;
}

/** What to do with a frame: `reload` asks for everything from revision 0 again. */
export type ApplyResult = 'applied' | 'unchanged' | 'reload';

export class TileStateBuffer {
  readonly columns: number;
  readonly rows: number;
  readonly pages: TilePage[] = [];
  readonly #pageSize: number;
  readonly #pagesAcross: number;
  #revision = 0;
  #generation: number | null = null;

  /** @param pageSize longest side of a page in tiles: the texture size that every WebGL2 device has. */
  constructor(plan: Pick<GridPlan, 'columns' | 'rows'>, pageSize = 4096) {
    this.columns = plan.columns;
    this.rows = plan.rows;
    this.#pageSize = pageSize;
    this.#pagesAcross = Math.ceil(plan.columns / pageSize);
    for (let row = 0; row < plan.rows; row += pageSize) {
      for (let column = 0; column < plan.columns; column += pageSize) {
        const columns = Math.min(pageSize, plan.columns - column);
        const rows = Math.min(pageSize, plan.rows - row);
        const data = new Uint8Array(columns * rows * 4);
        for (let at = 2; at < data.length; at += 4) data[at] = 255; // no class
        this.pages.push({ column, row, columns, rows, data, dirtyFrom: 0, dirtyTo: rows });
      }
    }
  }

  /** Ask for what came after this revision. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Takes a frame over. One of another generation resets everything; unless it is complete (asked from revision 0), the
   * caller has to ask again from 0.
   * @param askedSince the revision that the frame was asked from.
   * @throws {RangeError} where the frame belongs to another grid.
   */
  apply(frame: TileFrame, askedSince: number): ApplyResult {
    if (frame.tileCount !== this.columns * this.rows) {
      throw new RangeError(`frame of ${frame.tileCount} tiles for a grid of ${this.columns * this.rows}`);
    }
    if (this.#generation !== null && frame.generation !== this.#generation) {
      this.#clear();
      this.#generation = null;
      if (askedSince !== 0) return 'reload';
    }
    this.#generation = frame.generation;
    // An answer that was overtaken by a newer one must not undo it.
    if (frame.revision < this.#revision) return 'unchanged';
    this.#revision = frame.revision;
    if (frame.recordCount === 0) return 'unchanged';
    for (let i = 0, at = 0; i < frame.recordCount; i++, at += tileFrameRecordBytes) {
      this.#write(frame.records, at);
    }
    return 'applied';
  }

  /** The record of a tile; for the inspector, hit tests and the canvas painter. */
  at(index: number): TileRecord {
    const [page, offset] = this.#locate(index);
    return {
      index,
      state: page.data[offset] ?? 0,
      score: page.data[offset + 1] ?? 0,
      classIndex: page.data[offset + 2] ?? 255,
      skipReason: page.data[offset + 3] ?? 0,
    };
  }

  #write(records: DataView, at: number): void {
    const index = records.getUint32(at, true);
    if (index >= this.columns * this.rows) throw new RangeError(`no tile ${index} in this grid`);
    const [page, offset, row] = this.#locate(index);
    page.data[offset] = records.getUint8(at + 4);
    page.data[offset + 1] = records.getUint8(at + 5);
    page.data[offset + 2] = records.getUint8(at + 6);
    page.data[offset + 3] = records.getUint8(at + 7);
    if (page.dirtyFrom === page.dirtyTo) {
      page.dirtyFrom = row;
      page.dirtyTo = row + 1;
    } else {
      page.dirtyFrom = Math.min(page.dirtyFrom, row);
      page.dirtyTo = Math.max(page.dirtyTo, row + 1);
    }
  }

  #locate(index: number): [page: TilePage, offset: number, rowInPage: number] {
    const column = index % this.columns;
    const row = Math.floor(index / this.columns);
    const page =
      this.pages[Math.floor(row / this.#pageSize) * this.#pagesAcross + Math.floor(column / this.#pageSize)];
    if (page === undefined) throw new RangeError(`no tile ${index} in this grid`);
    const rowInPage = row - page.row;
    return [page, (rowInPage * page.columns + column - page.column) * 4, rowInPage];
  }

  #clear(): void {
    this.#revision = 0;
    for (const page of this.pages) {
      page.data.fill(0);
      for (let at = 2; at < page.data.length; at += 4) page.data[at] = 255;
      page.dirtyFrom = 0;
      page.dirtyTo = page.rows;
    }
  }
}
