/** One square block of the pathology sample: its tiles as RGB, and the nuclei whose centres it holds. */
import { cloudTexture, fibreTexture, sensorNoise, type Texture } from '../textures.ts';
import { CoarseFields, type TissuePlan } from './coarse-fields.ts';
import { nucleiIn, nucleusMargin, type Nucleus, type NucleusSite } from './nuclei.ts';
import { paintBlood, paintNucleus, paintStructure } from './paint.ts';
import { Developer, StainBlock } from './stains.ts';
import { paintStroma } from './stroma.ts';
import { StructureIndex, structureMargin } from './structures.ts';
import { layOutTissue } from './tissue-layout.ts';

export interface RenderedBlock {
  /** In order of their place in the block, centres within it. */
  nuclei: Nucleus[];
  /** RGB of the tile whose corner lies at (column, row) px of the block. */
  tile(column: number, row: number, size: number): Uint8Array;
}

export class PathologyBlocks {
  readonly #plan: TissuePlan;
  readonly #block: StainBlock;
  readonly #fibres: Texture;
  readonly #clouds: Texture;
  readonly #fine: Texture;
  readonly #developer: Developer;

  /** `blockSize` in px, a multiple of 16. */
  constructor(request: { seed: number; width: number; height: number }, blockSize: number) {
    const { seed, width, height } = request;
    this.#plan = { seed, width, height, pieces: layOutTissue(seed, width, height) };
    this.#block = new StainBlock(blockSize);
    this.#fibres = fibreTexture(seed, 1024, 9, 120);
    this.#clouds = cloudTexture(seed + 10, 512, 24, 5);
    this.#fine = cloudTexture(seed + 20, 256, 6, 2.5);
    this.#developer = new Developer(sensorNoise(seed, 65536, 1.1));
  }

  /** x0 and y0 are multiples of 16. The result is valid until the next call. */
  render(x0: number, y0: number): RenderedBlock {
    const { seed } = this.#plan;
    const block = this.#block;
    const size = block.size;
    block.clear();
    const margin = Math.ceil(structureMargin + nucleusMargin) + 4;
    const fields = new CoarseFields(
      this.#plan,
      x0 - margin,
      y0 - margin,
      size + 2 * margin,
      size + 2 * margin,
    );
    const place = { block, x0, y0 };
    const textures = { fibres: this.#fibres, clouds: this.#clouds, fine: this.#fine };
    let nuclei: Nucleus[] = [];
    if (paintStroma(block, x0, y0, seed, fields, textures)) {
      const structures = new StructureIndex(
        seed,
        fields,
        x0 - nucleusMargin,
        y0 - nucleusMargin,
        size + 2 * nucleusMargin,
        size + 2 * nucleusMargin,
      );
      // The first on top: it has the place where two overlap.
      for (const structure of structures.structures.toReversed()) {
        paintStructure(place, structure, fields, this.#clouds);
        paintBlood(place, structure, fields);
      }
      const site: NucleusSite = { seed, fields, structures, fibres: this.#fibres };
      const all = nucleiIn(
        site,
        x0 - nucleusMargin,
        y0 - nucleusMargin,
        size + 2 * nucleusMargin,
        size + 2 * nucleusMargin,
      );
      // A fixed order, so that overlapping nuclei look the same in all blocks that they touch.
      all.sort((p, q) => p.y - q.y || p.x - q.x);
      for (const nucleus of all) paintNucleus(place, nucleus, this.#clouds, this.#fine);
      nuclei = all.filter((n) => n.x >= x0 && n.y >= y0 && n.x < x0 + size && n.y < y0 + size);
      nuclei = nuclei.filter((n) => n.x < this.#plan.width && n.y < this.#plan.height);
    }
    return {
      nuclei,
      tile: (column, row, tileSize) => {
        const rgb = new Uint8Array(tileSize * tileSize * 3);
        const light = (x: number, y: number): number => fields.at('light', x, y);
        this.#developer.develop(block, { column, row, x0, y0, light }, rgb, tileSize);
        return rgb;
      },
    };
  }
}
