/** OME-TIFF files as microscopes' software writes them: a directory a plane, each with its smaller levels below it, and OME-XML. */
import { deflateSync } from 'node:zlib';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedFile, ForgedTag } from '../../unit/images/forge-tiff.ts';
import { PixelBytes } from './tiff-image.ts';

export interface ForgedChannel {
  name?: string;
  /** As in the file: a signed number of red, green, blue and alpha. */
  color?: number;
  wavelength?: number;
}

export interface ForgedOme {
  width: number;
  height: number;
  type: 'uint8' | 'uint16' | 'float';
  channels: readonly ForgedChannel[];
  sizeZ?: number;
  sizeT?: number;
  /** Five letters, XY first. */
  order?: string;
  /** Levels of each plane; each halves the one before. */
  levels?: number;
  tileSize?: number;
  /** Directory of each plane, in the order of planes, written as TiffData; absent: no table, planes in their order. */
  places?: (plane: { z: number; c: number; t: number }, index: number) => number;
  /** Put before the Image's end, instead of the table. */
  tables?: string;
  /** Further images of the series: their names; each is one plane of 64 x 48 RGB bytes. */
  series?: readonly string[];
  value(x: number, y: number, plane: { z: number; c: number; t: number }): number;
}

const bits = { uint8: 8, uint16: 16, float: 32 } as const;

/** All planes in the order of dimensions. */
export function planesOf(ome: ForgedOme): { z: number; c: number; t: number }[] {
  const sizes = { Z: ome.sizeZ ?? 1, C: ome.channels.length, T: ome.sizeT ?? 1 };
  const [first, second, third] = Array.from((ome.order ?? 'XYCZT').slice(2)) as ('Z' | 'C' | 'T')[];
  if (first === undefined || second === undefined || third === undefined) throw new Error('no order');
  const planes: { z: number; c: number; t: number }[] = [];
  for (let k = 0; k < sizes[third]; k++) {
    for (let j = 0; j < sizes[second]; j++) {
      for (let i = 0; i < sizes[first]; i++) {
        const at = { [first]: i, [second]: j, [third]: k };
        planes.push({ z: at['Z'] ?? 0, c: at['C'] ?? 0, t: at['T'] ?? 0 });
      }
    }
  }
  return planes;
}

export function forgeOmeTiff(ome: ForgedOme): Buffer {
  const pixels = new PixelBytes(false);
  const levels = ome.levels ?? 1;
  const planes = planesOf(ome);
  const placed = planes.map((plane, index) => ({ plane, at: ome.places?.(plane, index) ?? index }));
  const inFile = placed.toSorted((a, b) => a.at - b.at).map(({ plane }) => plane);
  const main: ForgedTag[][] = [];
  const below: ForgedTag[][][] = [];
  for (const plane of inFile) {
    const pages = Array.from({ length: levels }, (_, level) => planePage(pixels, ome, plane, level));
    main.push(pages[0] ?? []);
    below.push(pages.slice(1));
  }
  for (const _name of ome.series ?? []) {
    main.push(colourPage(pixels));
    below.push([]);
  }
  main[0]?.push({ tag: 270, type: 2, value: Buffer.from(omeXml(ome), 'utf8').toString('latin1') });
  const data = pixels.joined();
  // Where directories lie is known after a first pass; the second has the same layout.
  let offsets: number[] = [];
  const make = (known: number[]): Buffer => {
    const directories: ForgedFile['directories'] = [];
    const starts: number[] = [];
    for (const [i, tags] of main.entries()) {
      starts.push(directories.length);
      const subs = below[i] ?? [];
      const first = directories.length + 1;
      const places = subs.map((_, k) => known[first + k] ?? 0);
      const all = subs.length === 0 ? tags : [...tags, { tag: 330, type: 4, value: places }];
      directories.push({ tags: all.toSorted((a, b) => a.tag - b.tag) });
      for (const sub of subs)
        directories.push({ tags: sub.toSorted((a, b) => a.tag - b.tag), next: () => 0 });
    }
    for (const [i, start] of starts.entries()) {
      const directory = directories[start];
      const following = starts[i + 1];
      if (directory === undefined) continue;
      directory.next = (found) => {
        offsets = found;
        return following === undefined ? 0 : (found[following] ?? 0);
      };
    }
    return forgeTiff({ data, directories });
  };
  make([]);
  return make(offsets);
}

function planePage(
  pixels: PixelBytes,
  ome: ForgedOme,
  plane: { z: number; c: number; t: number },
  level: number,
): ForgedTag[] {
  const step = 2 ** level;
  const [width, height] = [Math.ceil(ome.width / step), Math.ceil(ome.height / step)];
  const tile = ome.tileSize ?? 64;
  const offsets: number[] = [];
  const counts: number[] = [];
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const values = Array.from({ length: tile * tile }, (_, i) => {
        const [x, y] = [left + (i % tile), top + Math.floor(i / tile)];
        return x < width && y < height ? ome.value(x * step, y * step, plane) : 0;
      });
      const bytes = deflateSync(asBytes(ome.type, values));
      offsets.push(pixels.add(bytes));
      counts.push(bytes.length);
    }
  }
  return [
    { tag: 254, type: 4, value: [level === 0 ? 0 : 1] },
    { tag: 256, type: 4, value: [width] },
    { tag: 257, type: 4, value: [height] },
    { tag: 258, type: 3, value: [bits[ome.type]] },
    { tag: 259, type: 3, value: [8] },
    { tag: 262, type: 3, value: [1] },
    { tag: 277, type: 3, value: [1] },
    { tag: 322, type: 4, value: [tile] },
    { tag: 323, type: 4, value: [tile] },
    { tag: 324, type: 4, value: offsets },
    { tag: 325, type: 4, value: counts },
    { tag: 339, type: 3, value: [ome.type === 'float' ? 3 : 1] },
  ];
}

function asBytes(type: ForgedOme['type'], values: number[]): Uint8Array {
  const array =
    type === 'uint8'
      ? Uint8Array.from(values)
      : type === 'uint16'
        ? Uint16Array.from(values)
        : Float32Array.from(values);
  return new Uint8Array(array.buffer);
}

/** 64 x 48 pixels of RGB in one strip. */
function colourPage(pixels: PixelBytes): ForgedTag[] {
  const bytes = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => i % 251);
  return [
    { tag: 256, type: 4, value: [64] },
    { tag: 257, type: 4, value: [48] },
    { tag: 258, type: 3, value: [8, 8, 8] },
    { tag: 259, type: 3, value: [1] },
    { tag: 262, type: 3, value: [2] },
    { tag: 273, type: 4, value: [pixels.add(bytes)] },
    { tag: 277, type: 3, value: [3] },
    { tag: 278, type: 4, value: [48] },
    { tag: 279, type: 4, value: [bytes.length] },
  ];
}

function omeXml(ome: ForgedOme): string {
  const { width, height, channels, type, order = 'XYCZT', sizeZ = 1, sizeT = 1 } = ome;
  const channelTags = channels.map(({ name, color, wavelength }, i) => {
    const attributes = [
      `ID="Channel:0:${i}" SamplesPerPixel="1"`,
      name === undefined ? '' : `Name="${name.replaceAll('&', '&amp;')}"`,
      color === undefined ? '' : `Color="${color}"`,
      wavelength === undefined ? '' : `EmissionWavelength="${wavelength}" EmissionWavelengthUnit="nm"`,
    ];
    return `<Channel ${attributes.filter((text) => text !== '').join(' ')}><LightPath/></Channel>`;
  });
  const planes = planesOf(ome);
  const table =
    ome.tables ??
    (ome.places === undefined
      ? ''
      : planes
          .map((plane, i) => {
            const { z, c, t } = plane;
            return `<TiffData FirstZ="${z}" FirstC="${c}" FirstT="${t}" IFD="${ome.places?.(plane, i) ?? i}" PlaneCount="1"/>`;
          })
          .join(''));
  const series = (ome.series ?? []).map((name, i) => {
    const place = ome.places === undefined ? '' : `<TiffData IFD="${planes.length + i}" PlaneCount="1"/>`;
    return (
      `<Image ID="Image:${i + 1}" Name="${name}"><Pixels ID="Pixels:${i + 1}" DimensionOrder="XYCZT" Type="uint8" ` +
      `SizeX="64" SizeY="48" SizeC="3" SizeZ="1" SizeT="1"><Channel ID="Channel:${i + 1}:0" SamplesPerPixel="3"/>${place}` +
      `</Pixels></Image>`
    );
  });
  return (
    `<?xml version="1.0" encoding="UTF-8"?><!-- comment --><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">` +
    `<Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="20.0"/></Instrument>` +
    `<Image ID="Image:0" Name="tumour panel"><ObjectiveSettings ID="Objective:0"/>` +
    `<Pixels ID="Pixels:0" DimensionOrder="${order}" Type="${type}" SizeX="${width}" SizeY="${height}" ` +
    `SizeC="${channels.length}" SizeZ="${sizeZ}" SizeT="${sizeT}" PhysicalSizeX="500" PhysicalSizeXUnit="nm" ` +
    `PhysicalSizeY="0.5" PhysicalSizeYUnit="µm">${channelTags.join('')}${table}</Pixels></Image>${series.join('')}</OME>`
  );
}
