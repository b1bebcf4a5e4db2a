/**
 * Aperio SVS: tiled directories are levels, directory 1 is a stripped thumbnail, other stripped ones are label and macro.
 * The description is `Aperio …`, then pipe-separated `key = value`, MPP and AppMag among them.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { OpenLimits } from '../image-source.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import { isStored } from '../tiff/tile-reader.ts';
import { orderLevels } from './tiff-layout.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { tiffProperties } from './tiff-properties.ts';

export function isAperio(tiff: TiffStructure): boolean {
  return tiff.directories[0]?.text(tag.imageDescription)?.startsWith('Aperio') ?? false;
}

export function readAperio(tiff: TiffStructure, limits: OpenLimits): TiffLayout {
  const [first, ...others] = tiff.directories;
  if (first === undefined || !first.has(tag.tileWidth)) {
    throw new GigatileError('image-corrupt', 'The Aperio slide has no tiled image in its first directory', {
      where: `${tiff.file.name}, IFD 0`,
    });
  }
  const properties = aperioProperties(first.text(tag.imageDescription) ?? '');
  const mpp = positive(properties.get('MPP'));
  const associated = new Map<string, TiffDirectory>();
  for (const [index, directory] of tiff.directories.entries()) {
    if (directory.has(tag.tileWidth)) continue;
    const name = associatedName(directory, index);
    if (name !== null && !associated.has(name)) associated.set(name, directory);
  }
  return {
    format: 'svs',
    vendor: 'aperio',
    levels: withoutDoubtfulTiles(
      orderLevels(
        readPage(first, limits),
        others
          .filter((directory) => directory.has(tag.tileWidth))
          .map((directory) => readPage(directory, limits)),
      ),
    ),
    associated,
    mpp: mpp === null ? null : { x: mpp, y: mpp },
    objectivePower: positive(properties.get('AppMag')),
    geo: null,
    bandNames: null,
    properties: {
      ...tiffProperties(first),
      ...Object.fromEntries([...properties].map(([key, value]) => [`aperio.${key}`, value])),
    },
    noData: null,
    missingFromFiner: true,
  };
}

/**
 * Some scanners leave out tiles (zero bytes), and what they made of them in the coarser levels is sometimes damaged, as
 * OpenSlide's authors found: such tiles count as left out too, and are made from the finer level.
 */
function withoutDoubtfulTiles(levels: readonly TiffPage[]): TiffPage[] {
  const checked: TiffPage[] = [];
  for (const page of levels) {
    const finer = checked[checked.length - 1];
    checked.push(finer === undefined ? page : withoutTilesAbove(page, finer));
  }
  return checked;
}

function withoutTilesAbove(page: TiffPage, finer: TiffPage): TiffPage {
  const across = Math.max(1, Math.round(finer.columns / page.columns));
  const down = Math.max(1, Math.round(finer.rows / page.rows));
  let byteCounts: TiffPage['byteCounts'] | null = null;
  for (let index = 0; index < finer.columns * finer.rows; index++) {
    if (isStored(finer, index)) continue;
    const column = Math.min(page.columns - 1, Math.floor((index % finer.columns) / across));
    const row = Math.min(page.rows - 1, Math.floor(index / finer.columns / down));
    byteCounts ??= page.byteCounts.slice();
    byteCounts[row * page.columns + column] = 0;
  }
  return byteCounts === null ? page : { ...page, byteCounts };
}

/** `Aperio … |AppMag = 20|MPP = 0.4990`; the last of repeated keys counts. */
export function aperioProperties(description: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const part of description.split('|').slice(1)) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const key = part.slice(0, at).trim();
    properties.set(key, part.slice(at + 1).trim());
  }
  return properties;
}

/** A positive number, with a decimal comma where the scanner's computer was set so. */
function positive(text: string | undefined): number | null {
  const value = Number((text ?? '').replace(',', '.'));
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** The first word of the description's second line; else what the subfile type says (1 label, 9 macro). */
function associatedName(directory: TiffDirectory, index: number): string | null {
  const secondLine = directory.text(tag.imageDescription)?.split(/\r\n|\n|\r/)[1];
  const word = secondLine?.trim().split(/\s+/)[0]?.toLowerCase();
  if (word === 'label' || word === 'macro' || word === 'thumbnail') return word;
  if (index === 1) return 'thumbnail';
  const type = directory.number(tag.newSubfileType, 0);
  if (type === 1) return 'label';
  return type === 9 ? 'macro' : null;
}
