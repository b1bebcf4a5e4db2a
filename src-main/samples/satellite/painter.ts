/**
 * The satellite sample: fields, forest, water, towns, roads, mountains with snow and clouds in four bands, numbers as in
 * Landsat 8 Level 1 (reflectance = DN * 0.00002 - 0.1; USGS LSDS-1574). The scene's edges are slanted, as an orbit leaves them.
 */
import { clamp01, hash, smoothStep } from '../random.ts';
import type { PaintedBlock, SampleLayout, SamplePainter, SampleSpec } from '../sample-protocol.ts';
import { cloudTexture, fibreTexture, sensorNoise, type Texture } from '../textures.ts';
import { Ground, groundNames, parcelAt, roadDistance, type Parcel } from './ground.ts';
import { areaFeature, landClasses, scene } from './truth.ts';

export const satelliteLayout: SampleLayout = {
  tileSize: 512,
  blockSize: 1024,
  blockLevels: 1,
  bands: 4,
  dtype: 'uint16',
  photometric: 'rgb',
  compression: 'deflate',
  predictor: 2,
  layout: 'cog',
  noData: 0,
  bandNames: ['red', 'green', 'blue', 'nir'],
  geo: {
    epsg: scene.epsg,
    crsName: scene.crsName,
    geographic: false,
    transform: [scene.left, scene.pixel, 0, scene.top, 0, -scene.pixel],
  },
};

/** Numbers of the truth's classes. */
const [noData, vegetation, water, bright, other] = [0, 1, 2, 3, 4] as const;

/** Reflectance in red, green, blue and near infrared. */
type Spectrum = readonly [number, number, number, number];
const spectra = {
  water: [0.028, 0.05, 0.055, 0.014],
  forest: [0.03, 0.05, 0.032, 0.27],
  mountainForest: [0.026, 0.042, 0.03, 0.2],
  meadow: [0.06, 0.09, 0.055, 0.36],
  wheat: [0.075, 0.095, 0.06, 0.32],
  maize: [0.045, 0.075, 0.045, 0.42],
  rape: [0.15, 0.17, 0.055, 0.4],
  stubble: [0.19, 0.155, 0.1, 0.25],
  soil: [0.15, 0.115, 0.085, 0.2],
  track: [0.16, 0.145, 0.12, 0.2],
  asphalt: [0.1, 0.1, 0.1, 0.12],
  roof: [0.17, 0.13, 0.11, 0.19],
  hall: [0.21, 0.21, 0.21, 0.24],
  garden: [0.07, 0.09, 0.06, 0.29],
  rock: [0.17, 0.155, 0.14, 0.2],
  snow: [0.78, 0.8, 0.82, 0.62],
  cloud: [0.52, 0.53, 0.56, 0.56],
} as const satisfies Record<string, Spectrum>;

const crops: readonly { spectrum: Spectrum; landClass: number }[] = [
  { spectrum: spectra.meadow, landClass: vegetation },
  { spectrum: spectra.maize, landClass: vegetation },
  { spectrum: spectra.wheat, landClass: vegetation },
  { spectrum: spectra.stubble, landClass: other },
  { spectrum: spectra.meadow, landClass: vegetation },
  { spectrum: spectra.soil, landClass: other },
  { spectrum: spectra.maize, landClass: vegetation },
  { spectrum: spectra.rape, landClass: vegetation },
];

/** Numbers come in steps, as 13 bits of a sensor do on a scale of 16. */
const step = 8;

/** Of the width: how far the slanted edges reach in. */
const slant = 0.09;

interface Surface {
  spectrum: Spectrum;
  landClass: number;
  /** Factor on the reflectance. */
  tone: number;
}

export class SatellitePainter implements SamplePainter {
  readonly #spec: SampleSpec;
  readonly #truth: boolean;
  readonly #rows: Texture;
  readonly #clouds: Texture;
  readonly #fine: Texture;
  readonly #noise: Int8Array;
  readonly #values = new Float64Array(groundNames.length);
  readonly #parcel: Parcel = { seed: 0, border: 0, along: 0, across: 0 };
  readonly #surface: Surface = { spectrum: spectra.water, landClass: water, tone: 1 };
  readonly #block: Uint16Array;

  constructor(spec: SampleSpec, truth: boolean) {
    this.#spec = spec;
    this.#truth = truth;
    this.#rows = fibreTexture(spec.seed + 1, 512, 4, 200);
    this.#clouds = cloudTexture(spec.seed + 2, 512, 64, 4);
    this.#fine = cloudTexture(spec.seed + 3, 256, 5, 2.5);
    this.#noise = sensorNoise(spec.seed + 4, 65536, 9);
    const { blockSize, bands } = satelliteLayout;
    this.#block = new Uint16Array(blockSize * blockSize * bands);
  }

  paint(x0: number, y0: number): PaintedBlock {
    const { blockSize } = satelliteLayout;
    const width = Math.min(blockSize, this.#spec.width - x0);
    const height = Math.min(blockSize, this.#spec.height - y0);
    const ground = new Ground(this.#spec.seed, x0, y0, blockSize);
    const tally = new Uint32Array(landClasses.length);
    for (let y = 0; y < blockSize; y++) {
      for (let x = 0; x < blockSize; x++) {
        const landClass = this.#pixel(ground, x0 + x, y0 + y, (y * blockSize + x) * 4);
        if (x < width && y < height) tally[landClass] = (tally[landClass] as number) + 1;
      }
    }
    const counts = Object.fromEntries(landClasses.map((name, i) => [name, tally[i] as number]));
    const rect = { x: x0, y: y0, width, height };
    return {
      tile: (column, row, size) => this.#cut(column, row, size),
      truth: this.#truth ? areaFeature(`square ${x0}, ${y0}`, rect, counts) : '',
      counts,
    };
  }

  #cut(column: number, row: number, size: number): Uint16Array {
    const { blockSize, bands } = satelliteLayout;
    const tile = new Uint16Array(size * size * bands);
    for (let y = 0; y < size; y++) {
      const start = ((row + y) * blockSize + column) * bands;
      tile.set(this.#block.subarray(start, start + size * bands), y * size * bands);
    }
    return tile;
  }

  /** Writes the four numbers of a pixel; returns what the truth says it is. */
  #pixel(ground: Ground, x: number, y: number, out: number): number {
    const block = this.#block;
    const { width, height } = this.#spec;
    const reach = slant * width;
    // Beyond the image's size the tiles are padded as no data too.
    if (x >= width || y >= height || x < reach * (1 - y / height) || x > width - reach * (y / height)) {
      block[out] = 0;
      block[out + 1] = 0;
      block[out + 2] = 0;
      block[out + 3] = 0;
      return noData;
    }
    ground.read(x, y, this.#values);
    const v = this.#values;
    const fine = texel(this.#fine, x, y);
    const rough = texel(this.#clouds, x, y);
    this.#ground(x, y, fine, rough);
    const { spectrum, tone } = this.#surface;
    const veil = clamp01((v[7] as number) * 1.7 - 0.35 + ((rough - 128) / 255) * 0.5 * (v[7] as number));
    const cloud = veil * veil * (3 - 2 * veil);
    const brightness = 0.8 + rough * 0.0008 + 0.25 * (v[7] as number);
    const start = (Math.imul(y, 40503) + x) | 0;
    for (let band = 0; band < 4; band++) {
      const here = (spectrum[band] as number) * tone;
      const seen = here + ((spectra.cloud[band] as number) * brightness - here) * cloud;
      const dn = (seen + 0.1) * 50_000 + (this.#noise[(start + band * 7919) & 65535] as number);
      block[out + band] = dn < step ? step : dn > 65528 ? 65528 : Math.round(dn / step) * step;
    }
    return cloud >= 0.5 ? bright : this.#surface.landClass;
  }

  /** What lies at a pixel, into `#surface`. */
  #ground(x: number, y: number, fine: number, rough: number): void {
    const v = this.#values;
    const height = v[0] as number;
    const shade = v[1] as number;
    const forest = v[2] as number;
    const river = v[3] as number;
    const riverWidth = v[4] as number;
    const lake = v[5] as number;
    const town = v[6] as number;
    const ragged = (rough - 128) / 128;
    const grain = fine / 255;
    if (lake > 0 || Math.abs(river) < riverWidth + ragged * 0.6) {
      this.#set(spectra.water, water, 0.92 + grain * 0.16);
      return;
    }
    if (height + ragged * 0.06 > 0.42) {
      this.#set(spectra.snow, bright, clamp01(shade * (0.94 + grain * 0.12)) * 0.95 + 0.05);
      return;
    }
    if (height + ragged * 0.07 > 0.28) {
      this.#set(spectra.rock, other, shade * (0.8 + grain * 0.35));
      return;
    }
    const road = roadDistance(this.#spec.seed, x, y);
    if (road < 1.1 && height < 0.1) {
      this.#set(spectra.asphalt, other, 0.95 + grain * 0.1);
      return;
    }
    if (forest + ragged * 0.05 > 0) {
      const mountain = smoothStep(-0.1, 0.1, height) > 0.5;
      this.#set(
        mountain ? spectra.mountainForest : spectra.forest,
        vegetation,
        shade * (0.78 + grain * 0.42 + ragged * 0.05),
      );
      return;
    }
    if (town + ragged * 0.03 > 0) {
      this.#town(x, y, grain);
      return;
    }
    parcelAt(this.#spec.seed, x, y, this.#parcel);
    const parcel = this.#parcel;
    if (parcel.border < 0.5) {
      this.#set(spectra.track, other, 0.9 + grain * 0.2);
      return;
    }
    const crop = crops[parcel.seed % crops.length] as (typeof crops)[number];
    const own = 0.85 + ((parcel.seed >>> 8) & 255) / 850;
    const rows = texel(this.#rows, parcel.along, parcel.across) / 255;
    this.#set(crop.spectrum, crop.landClass, own * (v[8] as number) * (0.88 + 0.14 * rows + 0.1 * grain));
  }

  #set(spectrum: Spectrum, landClass: number, tone: number): void {
    this.#surface.spectrum = spectrum;
    this.#surface.landClass = landClass;
    this.#surface.tone = tone;
  }

  /** Streets, houses with gardens, now and then a hall. */
  #town(x: number, y: number, grain: number): void {
    const u = x * 0.94 + y * 0.34;
    const v = y * 0.94 - x * 0.34;
    const street = Math.min(u - Math.floor(u / 12) * 12, v - Math.floor(v / 9) * 9);
    if (street < 1) {
      this.#set(spectra.asphalt, other, 0.95 + grain * 0.15);
      return;
    }
    const lot = hash(this.#spec.seed, 215, Math.floor(u / 12), Math.floor(v / 9));
    if (lot % 11 === 0) this.#set(spectra.hall, other, 0.85 + grain * 0.1);
    else if (hash(this.#spec.seed, 216, Math.floor(u / 2), Math.floor(v / 2)) % 5 < 2) {
      this.#set(spectra.garden, vegetation, 0.85 + grain * 0.3);
    } else this.#set(spectra.roof, other, 0.8 + grain * 0.3);
  }
}

function texel(texture: Texture, x: number, y: number): number {
  const mask = texture.size - 1;
  return texture.data[(y & mask) * texture.size + (x & mask)] as number;
}
