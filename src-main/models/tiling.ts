/** Tile size and overlap of a run, from the person's wishes and the model's needs. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { RunParameters } from '../contract/run.ts';
import { modelSize, rowOverlap, type GridRequest } from '../core/grid.ts';
import { sahiAuto, sahiSlicing } from '../core/sahi-grid.ts';
import { inputSize } from './input/letterbox.ts';

type ImageSize = Pick<GridRequest, 'imageWidth' | 'imageHeight' | 'scaleX' | 'scaleY'>;
type TileSize = Pick<GridRequest, 'tileWidth' | 'tileHeight' | 'overlap' | 'overlapY'>;

/** 4,096 x 4,096: a model's working memory is some hundred bytes a pixel. */
const mostPixels = 2 ** 24;

/** @throws {GigatileError} usage, model-mismatch */
export function chooseTiles(
  manifest: ModelManifest,
  image: ImageSize,
  parameters: RunParameters,
): { request: TileSize; notes: string[] } {
  const { tileSize, grid, slices } = parameters;
  if ([tileSize, grid, slices].filter((each) => each !== undefined).length > 1) {
    throw new GigatileError('usage', 'A tile size, a grid and slices exclude each other', {
      hint: 'Give --tile or --grid.',
    });
  }
  const { input } = manifest;
  const { width, height } = ownSize(input);
  const sliced = slices && slicedTiles(manifest, image, slices, parameters);
  const isOther = sliced
    ? sliced.tileWidth !== width || sliced.tileHeight !== height
    : grid !== undefined || (tileSize !== undefined && tileSize !== width);
  if (input.fixedSize && input.resize === undefined && isOther) {
    const only = width === height ? `${width}` : `${width} x ${height}`;
    throw new GigatileError('model-mismatch', `${manifest.name} takes tiles of ${only} px only`, {
      hint: `Leave the tile size out, or pass --tile ${width}.`,
    });
  }
  const request =
    sliced ??
    (grid === undefined
      ? equalTiles(manifest, tileSize ?? width, parameters)
      : gridTiles(manifest, image, grid, parameters));
  if (request.overlap >= request.tileWidth || rowOverlap(request) >= request.tileHeight) {
    throw new GigatileError(
      'usage',
      `An overlap of ${request.overlap} px leaves no step between tiles of ${request.tileWidth} x ${request.tileHeight} px`,
      { hint: 'Make the tiles larger, the grid coarser or the overlap smaller.' },
    );
  }
  if (request.tileWidth * request.tileHeight > mostPixels) {
    throw new GigatileError(
      'usage',
      `Tiles of ${request.tileWidth} x ${request.tileHeight} px do not fit in memory`,
      { hint: 'Tiles may have up to 4096 x 4096 px: pass a smaller --tile, or a --grid with more tiles.' },
    );
  }
  return { request, notes: [...sizeNotes(manifest, request, tileSize), ...overlapNotes(manifest, request)] };
}

function ownSize({ tileSize, tileHeight }: ModelManifest['input']): { width: number; height: number } {
  return { width: tileSize, height: tileHeight ?? tileSize };
}

/** @param wished the edge that the person asked for */
function sizeNotes(manifest: ModelManifest, request: TileSize, wished: number | undefined): string[] {
  const { input } = manifest;
  const { tileWidth, tileHeight } = request;
  const own = ownSize(input);
  if (input.fixedSize) {
    if (tileWidth === own.width && tileHeight === own.height) return [];
    return [
      `Tiles of ${tileWidth} x ${tileHeight} px are ${
        input.resize === 'stretch' ? 'stretched' : 'resized'
      } to the ${own.width} x ${own.height} px that the model takes: it sees what is in them at another size.`,
    ];
  }
  if (wished === undefined || wished === tileWidth) return [];
  return [
    `The model takes tiles whose edges are multiples of ${input.multipleOf ?? 1} px: ${wished} became ${tileWidth}.`,
  ];
}

function overlapNotes({ halo }: ModelManifest, request: TileSize): string[] {
  const exact = 2 * halo;
  const overlap = Math.min(request.overlap, rowOverlap(request));
  if (overlap >= exact) return [];
  return [
    `An overlap of ${overlap} px is less than the ${exact} px that this model needs: results at tile borders differ from those of the whole image.`,
  ];
}

/** SAHI's slices. */
function slicedTiles(
  manifest: ModelManifest,
  image: ImageSize,
  slices: NonNullable<RunParameters['slices']>,
  { overlap: wish }: RunParameters,
): TileSize {
  if (wish !== undefined) {
    throw new GigatileError('usage', "SAHI's slices have their own overlap", {
      hint: 'Leave --overlap out, or pass --grid sahi:<w>x<h>:<ratio>.',
    });
  }
  const { width, height } = modelSize(image);
  const { sliceWidth, sliceHeight, overlapX, overlapY } =
    slices.by === 'auto' ? sahiAuto(width, height) : sahiSlicing(slices.width, slices.height, slices.ratio);
  const { multipleOf = 1, fixedSize } = manifest.input;
  if (!fixedSize && (sliceWidth % multipleOf !== 0 || sliceHeight % multipleOf !== 0)) {
    throw new GigatileError(
      'model-mismatch',
      `${manifest.name} takes tiles whose edges are multiples of ${multipleOf} px; SAHI's slices would be ${sliceWidth} x ${sliceHeight} px`,
      { hint: 'Pass --grid sahi:<w>x<h> with such multiples, or --tile.' },
    );
  }
  if (overlapX !== overlapY && manifest.task !== 'detect') {
    throw new GigatileError('usage', 'Slices that are no squares are for models that detect', {
      hint: 'Pass --grid sahi:<n>x<n>, or --tile.',
    });
  }
  return {
    tileWidth: sliceWidth,
    tileHeight: sliceHeight,
    overlap: overlapX,
    ...(overlapY !== overlapX && { overlapY }),
  };
}

/** In the proportions of the model's own tile, where that is no square. */
function equalTiles(manifest: ModelManifest, edge: number, { overlap }: RunParameters): TileSize {
  const { input } = manifest;
  const own = ownSize(input);
  const height = Math.max(1, Math.round((edge * own.height) / own.width));
  const size = input.fixedSize ? { width: edge, height } : inputSize(input, { width: edge, height });
  return {
    tileWidth: size.width,
    tileHeight: size.height,
    overlap: overlapOf(manifest, Math.min(size.width, size.height), overlap),
  };
}

/**
 * What detectors see of an object that a border cuts is not what they see of a whole one: as long as nothing says how much context
 * they need, neighbours share a fifth, as in SAHI.
 */
const detectorShare = 0.2;

function defaultShare({ halo, outputs }: ModelManifest): number {
  return halo === 0 && outputs.boxes !== undefined ? detectorShare : 0;
}

function overlapOf(manifest: ModelManifest, size: number, overlap: RunParameters['overlap']): number {
  if (overlap === undefined) return Math.max(2 * manifest.halo, Math.floor(size * defaultShare(manifest)));
  return overlap.unit === 'px' ? overlap.value : Math.round((size * overlap.value) / 100);
}

/** Tiles so large that columns x rows of them, with their overlap, just cover the image. */
function gridTiles(
  manifest: ModelManifest,
  image: ImageSize,
  grid: { columns: number; rows: number },
  parameters: RunParameters,
): TileSize {
  const { width, height } = modelSize(image);
  const { overlap: wish } = parameters;
  const share = wish === undefined ? defaultShare(manifest) : wish.unit === 'percent' ? wish.value / 100 : 0;
  // n tiles of size t with overlap o = share * t cover n * t - (n - 1) * o.
  const roughly = (length: number, n: number): number => length / (n - (n - 1) * share);
  const smaller = Math.min(roughly(width, grid.columns), roughly(height, grid.rows));
  const overlap = grid.columns * grid.rows === 1 ? 0 : overlapOf(manifest, smaller, wish);
  const along = (length: number, n: number, name: string): number => {
    const step = Math.ceil((length - overlap) / n);
    if (step < 1 || (n > 1 && Math.ceil((length - overlap) / step) !== n)) {
      throw new GigatileError(
        'usage',
        `${length} px cannot be cut into ${n} ${name} with an overlap of ${overlap} px`,
        {
          hint: 'Pass a coarser --grid or a smaller --overlap.',
        },
      );
    }
    return n === 1 ? length : step + overlap;
  };
  return {
    tileWidth: along(width, grid.columns, 'columns'),
    tileHeight: along(height, grid.rows, 'rows'),
    overlap,
  };
}
