/** Tiles made from level-0 pixels by Pillow's bilinear resize, whatever other levels there are. */
import type { GridPlan, Rect } from '../../contract/run.ts';
import type { ImageSource, PixelArray, Raster } from '../../images/image-source.ts';
import { bilinearRect } from '../../models/input/bilinear-rect.ts';
import { hasNoData, ValidBilinear } from '../../models/input/bilinear-valid.ts';
import { BilinearResize } from '../../models/input/bilinear.ts';
import type { Size } from '../../models/input/letterbox.ts';
import { noDataOf } from '../../models/input/pixel-meaning.ts';
import { clipToSize, fillBeyond } from './beyond-edge.ts';

/** Level-0 pixels that are in memory at once. */
const mostPixels = 4 * 1024 * 1024;

/**
 * A tile is cut out of level 0 at whole pixels, as other programs cut it, and resized alone: what lies beside it does not count.
 *
 * @param memory for pixels that are overwritten by the next reading
 */
export function bilinearReader(
  source: ImageSource,
  plan: GridPlan,
  padValue: number | undefined,
  to: Size,
  memory: (use: string, samples: number) => PixelArray,
): { ahead(rect: Rect): Promise<void> | null; read(rect: Rect, into: PixelArray): Promise<Raster> } {
  const { info } = source;
  const { bands, dtype } = info;
  const noData = noDataOf(info);
  // NaN never counts as data, also where the file says nothing.
  const isChecked = dtype.startsWith('float') || noData.some((value) => value !== null);
  let plain: BilinearResize | null = null;

  /** Row after row; false where pixels without data were met and `resize` cannot leave them out. */
  async function feed(at: Rect, resize: BilinearResize | ValidBilinear): Promise<boolean> {
    const rowsAtOnce = Math.max(1, Math.min(at.height, Math.floor(mostPixels / at.width)));
    for (let row = 0; row < at.height; row += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, at.height - row);
      const part = { x: at.x, y: at.y + row, width: at.width, height: rows };
      const into = memory('rows', at.width * rows * bands);
      const raster = await source.readRegion({ level: 0, ...part, into });
      if (padValue !== undefined) fillBeyond(raster, clipToSize(part, part, info), padValue);
      if (isChecked && resize instanceof BilinearResize && hasNoData(raster.data, noData)) return false;
      resize.add(raster.data, rows);
    }
    return true;
  }

  return {
    ahead(rect) {
      const at = bilinearRect(plan, rect);
      return source.fetchAhead?.(at, at.width, at.height) ?? null;
    },
    async read(rect, into) {
      const at = bilinearRect(plan, rect);
      if (plain?.from.width !== at.width || plain.from.height !== at.height) {
        plain = new BilinearResize(at, to, bands, dtype);
      }
      let resize: BilinearResize | ValidBilinear = plain;
      plain.begin();
      if (!(await feed(at, resize))) {
        resize = new ValidBilinear(at, to, noData);
        await feed(at, resize);
      }
      resize.finish(into);
      return { width: to.width, height: to.height, bands, dtype, data: into };
    },
  };
}
