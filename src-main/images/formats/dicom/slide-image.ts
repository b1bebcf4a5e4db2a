/** An image of a slide: one instance, or the parts of a concatenation (PS3.3 C.7.6.16.2.2.4), whose frames count on. */
import { GigatileError } from '../../../contract/errors.ts';
import type { Codecs, EncodedImage, Raster } from '../../image-source.ts';
import { FrameDecoder, isPassthrough } from './frame-decoder.ts';
import type { Instance } from './instance.ts';
import { fullTileMap, readPositions, sparseTileMap } from './tile-map.ts';
import type { FramePositions, TileMap } from './tile-map.ts';

interface Part {
  instance: Instance;
  first: number;
  decoder: FrameDecoder;
}

export class SlideImage {
  /** What holds for all parts. */
  readonly head: Instance;
  readonly frames: number;
  readonly passthrough: boolean;
  readonly #parts: readonly Part[];
  readonly #positions: FramePositions | null;

  /**
   * Reads the tables of frames, and their positions where they have some.
   * @throws {GigatileError} image-corrupt where parts are missing or do not fit together
   */
  constructor(instances: readonly Instance[], codecs: Codecs) {
    const [head, ...others] = inOrder(instances);
    if (head === undefined) throw new TypeError('an image without instances');
    this.head = head;
    const parts: Part[] = [];
    let first = 0;
    for (const instance of [head, ...others]) {
      checkPart(head, instance, first, parts.length);
      parts.push({ instance, first, decoder: new FrameDecoder(instance, codecs) });
      first += instance.frames;
    }
    this.#parts = parts;
    this.frames = first;
    this.passthrough = isPassthrough(head);
    this.#positions = head.tiledFull ? null : readPositions(parts);
  }

  /** Identifiers of the optical paths that frames are there of, in their order. */
  get paths(): readonly string[] {
    const declared = this.head.opticalPaths.map((path) => path.id);
    if (this.#positions === null) return declared.length === 0 ? [''] : declared;
    const used = this.#positions.paths;
    // The only path need not be named in every frame.
    if (used.length === 1 && declared.length <= 1) return declared.length === 0 ? used : declared;
    return [...declared.filter((id) => used.includes(id)), ...used.filter((id) => !declared.includes(id))];
  }

  /** Frames of one optical path, by its index in `paths`. */
  tileMap(path: number): TileMap {
    if (this.#positions === null) return fullTileMap(this.head, this.frames, path);
    const { width, height, format } = this.head;
    const grid = { width, height, tileWidth: format.columns, tileHeight: format.rows };
    const used = this.#positions.paths;
    const id = this.paths[path];
    return sparseTileMap(grid, this.#positions, used.length === 1 || id === undefined ? null : id);
  }

  decode(frame: number, memory?: Uint8Array): Raster | Promise<Raster> {
    const part = this.#partOf(frame);
    return part.decoder.decode(frame - part.first, memory);
  }

  stored(frame: number): EncodedImage {
    const part = this.#partOf(frame);
    return part.decoder.stored(frame - part.first);
  }

  #partOf(frame: number): Part {
    const part = this.#parts.findLast(({ first }) => first <= frame);
    if (part === undefined) throw new RangeError(`no frame ${frame}`);
    return part;
  }
}

function inOrder(instances: readonly Instance[]): Instance[] {
  return instances.toSorted((a, b) => (a.concatenation?.number ?? 0) - (b.concatenation?.number ?? 0));
}

function checkPart(head: Instance, part: Instance, first: number, index: number): void {
  const { concatenation } = part;
  if (concatenation === null) return;
  if (concatenation.number !== index + 1) {
    throw new GigatileError('image-corrupt', `Part ${index + 1} of the concatenation is missing`, {
      where: `${part.file.name}, (0020,9162) InConcatenationNumber ${concatenation.number}`,
      hint: 'Put all files of the series into one folder.',
    });
  }
  if (concatenation.firstFrame !== null && concatenation.firstFrame !== first) {
    throw part.data.error(
      'ConcatenationFrameOffsetNumber',
      `says ${concatenation.firstFrame}, where ${first} frames are before this part`,
    );
  }
  const [a, b] = [head.format, part.format];
  const isSame =
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.samples === b.samples &&
    a.dtype === b.dtype &&
    a.photometric === b.photometric &&
    a.encoding === b.encoding &&
    head.width === part.width &&
    head.height === part.height &&
    head.tiledFull === part.tiledFull;
  if (!isSame) throw part.data.error('ConcatenationUID', 'joins files whose frames differ');
}

/** @throws {GigatileError} image-corrupt where the last parts of a concatenation are missing */
export function checkComplete(instances: readonly Instance[]): void {
  const total = instances[0]?.concatenation?.total ?? null;
  if (total === null || instances.length >= total) return;
  throw new GigatileError(
    'image-corrupt',
    `${instances.length} of ${total} parts of the concatenation are there`,
    {
      where: `${instances[0]?.file.name ?? ''}, (0020,9163) InConcatenationTotalNumber`,
      hint: 'Put all files of the series into one folder.',
    },
  );
}
