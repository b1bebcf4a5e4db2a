/** One block of a sample as encoded tiles of all levels that lie in it: what a worker does. */
import { PyramidCascade, repeatEdge, type CascadeTile } from '../images/write/pyramid-cascade.ts';
import { planPyramid } from '../images/write/pyramid-plan.ts';
import { makePainter, sampleLayout } from './painters.ts';
import type {
  EncodedTile,
  FromSampleWorker,
  HalvedTile,
  SampleLayout,
  SamplePainter,
  SampleSpec,
} from './sample-protocol.ts';

/** Encodes the pixels of one square tile as the sample's layout wants them. The result may be reused by the next call. */
export type EncodeTile = (pixels: Uint8Array | Uint16Array, layout: SampleLayout) => Uint8Array;

type BlockAnswer = Extract<FromSampleWorker, { kind: 'block' }>;
type EncodedAnswer = Extract<FromSampleWorker, { kind: 'encoded' }>;

export class TilePainter {
  readonly #layout: SampleLayout;
  readonly #painter: SamplePainter;
  readonly #encode: EncodeTile;
  readonly #levels: ReturnType<typeof planPyramid>;

  constructor(spec: SampleSpec, truth: boolean, encode: EncodeTile) {
    this.#layout = sampleLayout(spec.kind);
    this.#painter = makePainter(spec, truth);
    this.#encode = encode;
    this.#levels = planPyramid(spec.width, spec.height, this.#layout.tileSize);
  }

  /** All tiles of the block, and the halves of its topmost ones that lower levels are made from. */
  block(column: number, row: number): BlockAnswer {
    const { blockSize, blockLevels, tileSize, bands, noData } = this.#layout;
    const within = this.#levels.slice(0, blockLevels + 1);
    const cascade = new PyramidCascade({ levels: within, tileSize, bands, noData });
    const painted = this.#painter.paint(column * blockSize, row * blockSize);
    const across = blockSize / tileSize;
    const full = this.#levels[0];
    const tiles: EncodedTile[] = [];
    const chunks: Uint8Array[] = [];
    const halved: HalvedTile[] = [];
    let length = 0;
    const add = (tile: CascadeTile): void => {
      const bytes = Uint8Array.from(this.#encode(tile.pixels, this.#layout));
      tiles.push({
        level: tile.level,
        column: tile.column,
        row: tile.row,
        start: length,
        end: length + bytes.length,
      });
      chunks.push(bytes);
      length += bytes.length;
      if (tile.level === within.length - 1 && within.length < this.#levels.length) {
        halved.push({ ...tile, pixels: cascade.halve(tile.pixels) });
      }
    };
    for (let r = 0; r < across; r++) {
      for (let c = 0; c < across; c++) {
        const at = { level: 0, column: column * across + c, row: row * across + r };
        if (!full || at.column >= full.columns || at.row >= full.rows) continue;
        const tile = { ...at, pixels: painted.tile(c * tileSize, r * tileSize, tileSize) };
        const validWidth = Math.min(tileSize, full.width - at.column * tileSize);
        repeatEdge(
          tile.pixels,
          tileSize,
          bands,
          validWidth,
          Math.min(tileSize, full.height - at.row * tileSize),
        );
        add(tile);
        for (const lower of cascade.put(tile)) add(lower);
      }
    }
    return {
      kind: 'block',
      column,
      row,
      tiles,
      bytes: Buffer.concat(chunks),
      halved,
      truth: painted.truth,
      counts: painted.counts,
    };
  }

  /** A tile that was put together elsewhere. */
  encode(tile: CascadeTile): EncodedAnswer {
    const { tileSize, bands, noData } = this.#layout;
    const { level, column, row } = tile;
    const cascade = new PyramidCascade({ levels: this.#levels, tileSize, bands, noData });
    const bytes = this.#encode(tile.pixels, this.#layout);
    return {
      kind: 'encoded',
      tile: { level, column, row, start: 0, end: bytes.length },
      bytes,
      halved: { level, column, row, pixels: cascade.halve(tile.pixels) },
    };
  }
}
