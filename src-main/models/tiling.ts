/** Tile size and overlap of a run, from the person's wishes and the model's needs. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { RunParameters } from '../contract/run.ts';
import { modelSize, type GridRequest } from '../core/grid.ts';

type ImageSize = Pick<GridRequest, 'imageWidth' | 'imageHeight' | 'scaleX' | 'scaleY'>;
type TileSize = Pick<GridRequest, 'tileWidth' | 'tileHeight' | 'overlap'>;

/** 4,096 x 4,096: a model's working memory is some hundred bytes a pixel. */
const mostPixels = 2 ** 24;

/** @throws {GigatileError} usage, model-mismatch */
export function chooseTiles(
  manifest: ModelManifest,
  image: ImageSize,
  parameters: RunParameters,
): { request: TileSize; notes: string[] } {
  const { tileSize, grid } = parameters;
  if (tileSize !== undefined && grid !== undefined) {
    throw new GigatileError('usage', 'A tile size and a grid exclude each other', {
      hint: 'Give --tile or --grid.',
    });
  }
  const { input } = manifest;
  if (input.fixedSize && (grid !== undefined || (tileSize !== undefined && tileSize !== input.tileSize))) {
    throw new GigatileError('model-mismatch', `${manifest.name} takes tiles of ${input.tileSize} px only`, {
      hint: `Leave the tile size out, or pass --tile ${input.tileSize}.`,
    });
  }
  const request =
    grid === undefined
      ? squareTiles(manifest, tileSize ?? input.tileSize, parameters)
      : gridTiles(manifest, image, grid, parameters);
  if (request.overlap >= Math.min(request.tileWidth, request.tileHeight)) {
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
  const exact = 2 * manifest.halo;
  return {
    request,
    notes:
      request.overlap < exact
        ? [
            `An overlap of ${request.overlap} px is less than the ${exact} px that this model needs: results at tile borders differ from those of the whole image.`,
          ]
        : [],
  };
}

function squareTiles(manifest: ModelManifest, size: number, { overlap }: RunParameters): TileSize {
  return { tileWidth: size, tileHeight: size, overlap: overlapOf(manifest, size, overlap) };
}

function overlapOf(manifest: ModelManifest, size: number, overlap: RunParameters['overlap']): number {
  if (overlap === undefined) return 2 * manifest.halo;
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
  const share = wish?.unit === 'percent' ? wish.value / 100 : 0;
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
