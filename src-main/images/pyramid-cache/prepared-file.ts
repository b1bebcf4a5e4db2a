/** A prepared image in the cache, checked before it is trusted. */
import { existsSync } from 'node:fs';
import { GigatileError } from '../../contract/errors.ts';
import { ImageFile } from '../image-file.ts';
import type { Raster } from '../image-source.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import { TiffStructure } from '../tiff/structure.ts';
import { compression, tag } from '../tiff/tags.ts';
import { cacheFormat } from './cache-folder.ts';
import type { PyramidPlan } from './plan.ts';
import { decodeTile } from './tile-codec.ts';

export class PreparedFile {
  readonly #file: ImageFile;
  readonly #plan: PyramidPlan;
  readonly #pages: readonly TiffPage[];

  constructor(file: ImageFile, plan: PyramidPlan, pages: readonly TiffPage[]) {
    this.#file = file;
    this.#plan = plan;
    this.#pages = pages;
  }

  /** null: the tile's bytes are damaged, or can't be read any more. */
  tile(level: number, column: number, row: number, memory?: Uint8Array): Raster | null {
    const page = this.#pages[level];
    const index = row * (page?.columns ?? 0) + column;
    const [offset, bytes] = [page?.offsets[index] ?? 0, page?.byteCounts[index] ?? 0];
    if (bytes === 0) return null;
    let stored: Buffer;
    try {
      stored = this.#file.read(offset, bytes, () => `Tile ${index} of level ${level}`);
    } catch (error) {
      if (error instanceof GigatileError && error.code !== 'internal') return null;
      throw error;
    }
    return decodeTile(stored, this.#plan, memory);
  }

  close(): void {
    this.#file.close();
  }
}

/** null: there is none, or one that is not whole or not of this plan: it will be made again. */
export function openPrepared(path: string, plan: PyramidPlan): PreparedFile | null {
  if (!existsSync(path)) return null;
  let file: ImageFile | null = null;
  try {
    file = ImageFile.open(path);
    const { directories } = new TiffStructure(file);
    const pages = directories.map((directory) => readPage(directory, { maxPixels: plan.tileSize ** 2 }));
    if (directories[0]?.text(tag.software) === cacheFormat && isOfPlan(pages, plan)) {
      return new PreparedFile(file, plan, pages);
    }
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
  }
  file?.close();
  return null;
}

function isOfPlan(pages: readonly TiffPage[], plan: PyramidPlan): boolean {
  return (
    pages.length === plan.levels.length &&
    pages.every((page, i) => {
      const level = plan.levels[i];
      return (
        page.tiled &&
        page.width === level?.width &&
        page.height === level.height &&
        page.tileWidth === plan.tileSize &&
        page.tileHeight === plan.tileSize &&
        page.bands === plan.bands &&
        page.dtype === plan.dtype &&
        page.compression === compression.zstd
      );
    })
  );
}
