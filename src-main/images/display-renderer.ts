/**
 * From an image's own pixels to what a screen shows: 8-bit grey, RGB or (where there is no data) RGBA. One rule for the whole
 * image, so that neighbouring tiles fit together.
 */
import { GigatileError } from '../contract/errors.ts';
import { bandsOfLook } from '../contract/look.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import type { Raster } from './image-source.ts';
import { applyLook, throughColours } from './look/apply-look.ts';
import { bandStatistics, sortedValues } from './look/band-statistics.ts';
import { defaultLook, isAlpha, isPlain } from './look/default-look.ts';
import type { LookOfImage } from './look/default-look.ts';
import { opacityOf, withOpacity } from './look/opacity.ts';

export interface RenderedImage extends LookOfImage {
  /** NaN pixels never count as data. */
  noData: number | null;
}

/** Pixels with the file's mask (0 where there is no data), which most files do not have. */
export interface MaskedRaster {
  raster: Raster;
  valid: Uint8Array | null;
}

interface Rule {
  look: DisplayLook;
  alphaBand: number | null;
}

export class DisplayRenderer {
  readonly #image: RenderedImage;
  readonly #makeOverview: () => Promise<MaskedRaster>;
  #overview: Promise<MaskedRaster> | null = null;
  #rule: Promise<Rule> | null = null;
  #description: Promise<ImageLook> | null = null;

  /** `overview` gives a small picture of the whole image, or a fair sample of it; asked for only if needed. */
  constructor(image: RenderedImage, overview: () => Promise<MaskedRaster>) {
    this.#image = image;
    this.#makeOverview = overview;
  }

  /** The default look, and what each band is like. */
  look(): Promise<ImageLook> {
    this.#description ??= this.#describe();
    return this.#description;
  }

  /** Bands that are needed to render, ascending. @throws {GigatileError} usage where the look names one that is not there */
  async bandsFor(look: DisplayLook | undefined): Promise<number[]> {
    const rule = await this.#defaultRule();
    const shown = bandsOfLook(look ?? rule.look);
    const missing = shown.find((band) => band >= this.#image.bands);
    if (missing !== undefined) {
      throw new GigatileError(
        'usage',
        `The image has ${this.#image.bands} bands; there is no band ${missing} to show`,
      );
    }
    const { alphaBand } = rule;
    if (alphaBand !== null && !shown.includes(alphaBand)) shown.push(alphaBand);
    return shown.toSorted((a, b) => a - b);
  }

  /**
   * 1 or 3 bands where every pixel is data, else 4 with alpha.
   * @param held the image's bands that the raster holds, in its order; absent: all
   */
  async render(
    { raster, valid }: MaskedRaster,
    look?: DisplayLook,
    held?: readonly number[],
  ): Promise<Raster> {
    const rule = await this.#defaultRule();
    const { palette } = this.#image.colours;
    const shown = look ?? rule.look;
    const place = (band: number): number => held?.indexOf(band) ?? band;
    const opaque =
      look === undefined && palette !== null
        ? throughColours(raster, palette)
        : applyLook(raster, shown, place);
    const opacity = opacityOf(
      raster,
      {
        noData: this.#image.noData,
        shown: bandsOfLook(shown).map(place),
        alpha: rule.alphaBand === null ? null : place(rule.alphaBand),
      },
      valid,
    );
    return opacity === null ? opaque : withOpacity(opaque, opacity);
  }

  #defaultRule(): Promise<Rule> {
    this.#rule ??= this.#makeRule();
    return this.#rule;
  }

  async #makeRule(): Promise<Rule> {
    const { bands, colours } = this.#image;
    const mayHaveAlpha = colours.alphaBand !== null && colours.alphaBand < bands;
    // Without an alpha band, plain bytes are shown as they are: nobody has to look at the image for that.
    if (!mayHaveAlpha && isPlain(this.#image, bands)) {
      return { look: defaultLook(this.#image, null, () => new Float64Array(0)), alphaBand: null };
    }
    const overview = await this.#seen();
    const alphaBand =
      mayHaveAlpha && isAlpha(overview.raster, colours.alphaBand ?? 0) ? colours.alphaBand : null;
    const values = (band: number): Float64Array => this.#values(overview, band, alphaBand);
    return { look: defaultLook(this.#image, alphaBand, values), alphaBand };
  }

  async #describe(): Promise<ImageLook> {
    const [rule, overview] = await Promise.all([this.#defaultRule(), this.#seen()]);
    const bands = Array.from({ length: this.#image.bands }, (_, band) =>
      bandStatistics(this.#values(overview, band, band === rule.alphaBand ? null : rule.alphaBand)),
    );
    return { look: this.#image.colours.palette === null ? rule.look : null, bands };
  }

  #values({ raster, valid }: MaskedRaster, band: number, alphaBand: number | null): Float64Array {
    const opaque =
      alphaBand === null ? valid : opacityOf(raster, { noData: null, shown: [], alpha: alphaBand }, valid);
    return sortedValues(raster, band, this.#image.noData, opaque);
  }

  #seen(): Promise<MaskedRaster> {
    if (this.#overview === null) {
      this.#overview = this.#makeOverview();
      // An unreadable place may be readable the next time (a network drive).
      this.#overview.catch(() => {
        this.#overview = null;
        this.#rule = null;
        this.#description = null;
      });
    }
    return this.#overview;
  }
}
