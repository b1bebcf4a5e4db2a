/** What differs between formats once they are open: where tiles come from. Everything else is in pyramid-source.ts. */
import type { PixelType } from '../contract/image.ts';
import type { EncodedImage, Raster } from './image-source.ts';

export interface NativeLevel {
  width: number;
  height: number;
  /** Level-0 pixels per pixel of this level. */
  scaleX: number;
  scaleY: number;
  /** The grid that `decodeTile` counts in. */
  tileWidth: number;
  tileHeight: number;
  /** The grid as the file has it (differs where large strips are read in parts). */
  storedTileWidth: number;
  storedTileHeight: number;
  /** `storedTile` may be asked. */
  passthrough: boolean;
  /** Tiles of the file that are not stored; absent where all are. */
  missingTiles?: number;
}

/** How bands become colours on the screen. */
export interface Colours {
  /** First three bands are red, green, blue (or the only one is grey) as they are, where the type is uint8. */
  natural: boolean;
  /** 256 x RGB; the only band holds indexes. */
  palette: Uint8Array | null;
  /** A band that the file calls alpha; some writers call any fourth band so. */
  alphaBand: number | null;
  /** One a band, #rrggbb: the bands are channels of fluorescence, shown as light that adds up. */
  channelColors?: readonly string[];
}

export interface TileAt {
  column: number;
  row: number;
}

export interface PixelBackend {
  readonly levels: readonly NativeLevel[];
  /** How many of `levels` the file has; absent: all. The others were made of them and are kept elsewhere. */
  readonly ownLevels?: number;
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  /** One band of bytes, 0 where the image holds no data; of the image's size, closed with it. Absent: all is data. */
  readonly mask?: PixelBackend | undefined;
  /** Tiles that are not stored are made from the finer level instead of being background. */
  readonly missingFromFiner: boolean;
  /**
   * All bands of a tile of `levels[level]`; at least as large as the part of the level that it covers. null: not stored.
   * `memory`, of a whole tile's size and aligned for any type, takes the pixels where that can be.
   */
  decodeTile(
    level: number,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | null | Promise<Raster | null>;
  /** The stored tile as a browser shows it, undecoded; null: not stored. */
  storedTile(level: number, column: number, row: number): EncodedImage | null;
  /** Of an image that has some: only names of the description's `associated` are asked for. */
  associatedImage?(name: string): Promise<EncodedImage>;
  /**
   * Only where the image is on a server: fetches the stored bytes of these tiles in parallel, so that decoding them does not
   * wait for each. `count`: how many of them, from the first on, it takes at once (at least one); `done`: null where they are
   * there already, else rejects as reading them would throw. Left out, tiles are fetched one after the other when they are read.
   */
  prefetch?: (level: number, tiles: readonly TileAt[]) => { count: number; done: Promise<void> | null };
  /** Only where bands are stored apart: the same image with some of its bands, for who shows a few of many. Closed with it. */
  withBands?(bands: readonly number[]): PixelBackend;
  close(): void;
}
