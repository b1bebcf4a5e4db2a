/** One slide that OpenSlide has opened. Once a call failed, OpenSlide answers no other one: each call is checked at once. */
import { basename } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { noSuchAssociatedImage } from '../../images/associated.ts';
import type { OtherSlide, RgbRaster } from '../../images/other-slide.ts';
import { loadOpenSlide } from './library.ts';
import type { Handle, OpenSlideLibrary } from './library.ts';

/** A picture of a label is never larger. */
const maxAssociatedPixels = 2 ** 27;
const maxLevels = 64;

/**
 * null: OpenSlide does not know the file.
 * @throws {GigatileError} codec-missing where there is no OpenSlide; image-corrupt with what it says
 */
export async function openSlide(path: string): Promise<OtherSlide | null> {
  const library = await loadOpenSlide();
  const vendor = library.detectVendor(path);
  if (vendor === null) return null;
  const handle = library.open(path);
  if (handle === null) return null;
  const slide = new Slide(library, handle, vendor, basename(path));
  try {
    slide.describe();
    return slide;
  } catch (error) {
    slide.close();
    throw error;
  }
}

class Slide implements OtherSlide {
  readonly vendor: string;
  readonly library: string;
  levels: OtherSlide['levels'] = [];
  properties: Readonly<Record<string, string>> = {};
  associated: readonly string[] = [];
  readonly #library: OpenSlideLibrary;
  readonly #name: string;
  #handle: Handle | null;
  #background: [number, number, number] = [255, 255, 255];

  constructor(library: OpenSlideLibrary, handle: Handle, vendor: string, name: string) {
    this.#library = library;
    this.#handle = handle;
    this.#name = name;
    this.vendor = vendor;
    this.library = `OpenSlide ${library.version}`;
  }

  describe(): void {
    const known = this.#library;
    const names = this.#checked((slide) => known.propertyNames(slide));
    this.properties = Object.fromEntries(
      names.map((name) => [name, this.#checked((slide) => known.property(slide, name)) ?? '']),
    );
    this.associated = this.#checked((slide) => known.associatedNames(slide));
    const count = this.#checked((slide) => known.levelCount(slide));
    if (count < 1 || count > maxLevels) throw this.#corrupt(`it has ${count} levels`);
    this.levels = Array.from({ length: count }, (_, level) => {
      const [width, height] = this.#checked((slide) => known.levelSize(slide, level));
      const downsample = this.#checked((slide) => known.levelDownsample(slide, level));
      if (!(width > 0 && height > 0 && downsample > 0)) {
        throw this.#corrupt(`level ${level} has ${width} x ${height} pixels`);
      }
      return {
        width,
        height,
        downsample,
        tileWidth: this.#number(`openslide.level[${level}].tile-width`),
        tileHeight: this.#number(`openslide.level[${level}].tile-height`),
      };
    });
    const background = /^[0-9a-f]{6}$/i.exec(this.properties['openslide.background-color'] ?? '');
    if (background !== null) {
      const rgb = Number.parseInt(background[0], 16);
      this.#background = [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
    }
  }

  readRegion(level: number, x: number, y: number, width: number, height: number): RgbRaster {
    const pixels = new Uint32Array(width * height);
    this.#checked((slide) => this.#library.readRegion(slide, pixels, x, y, level, width, height));
    return overBackground(pixels, width, height, this.#background);
  }

  /** @throws {GigatileError} usage where the slide has none of this name: OpenSlide would answer a size of -1 x -1 */
  associatedImage(name: string): RgbRaster {
    if (!this.associated.includes(name)) throw noSuchAssociatedImage(this.#name, this.associated, name);
    const [width, height] = this.#checked((slide) => this.#library.associatedSize(slide, name));
    if (!(width > 0 && height > 0 && width * height <= maxAssociatedPixels)) {
      throw this.#corrupt(`its image "${name}" has ${width} x ${height} pixels`);
    }
    const pixels = new Uint32Array(width * height);
    this.#checked((slide) => this.#library.readAssociated(slide, name, pixels));
    return overBackground(pixels, width, height, [255, 255, 255]);
  }

  close(): void {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) this.#library.close(handle);
  }

  #checked<T>(call: (slide: Handle) => T): T {
    const handle = this.#handle;
    if (handle === null) {
      throw new GigatileError('internal', 'The slide was asked after it was closed', { where: this.#name });
    }
    const value = call(handle);
    const error = this.#library.error(handle);
    if (error !== null) throw this.#corrupt(error);
    return value;
  }

  #number(name: string): number | null {
    const value = Number(this.properties[name] ?? Number.NaN);
    return Number.isInteger(value) && value > 0 ? value : null;
  }

  #corrupt(why: string): GigatileError {
    return new GigatileError('image-corrupt', `OpenSlide cannot read this slide: ${why}`, {
      where: this.#name,
      hint: 'All files that belong to the slide must lie where the scanner put them, with their names.',
    });
  }
}

/** Premultiplied ARGB over an opaque colour. */
function overBackground(
  pixels: Uint32Array,
  width: number,
  height: number,
  [red, green, blue]: readonly [number, number, number],
): RgbRaster {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, to = 0; i < pixels.length; i++, to += 3) {
    const argb = pixels[i] ?? 0;
    const through = 255 - (argb >>> 24);
    if (through === 0) {
      data[to] = (argb >>> 16) & 255;
      data[to + 1] = (argb >>> 8) & 255;
      data[to + 2] = argb & 255;
    } else {
      data[to] = ((argb >>> 16) & 255) + Math.round((red * through) / 255);
      data[to + 1] = ((argb >>> 8) & 255) + Math.round((green * through) / 255);
      data[to + 2] = (argb & 255) + Math.round((blue * through) / 255);
    }
  }
  return { width, height, bands: 3, dtype: 'uint8', data };
}
