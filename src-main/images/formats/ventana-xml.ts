/**
 * The XML of a Ventana BIF file: `iScan` (the scanner's settings, as attributes), and `EncodeInfo` of level 0, which says where the
 * scanned areas lie and by how much neighbouring tiles overlap.
 */
import { GigatileError } from '../../contract/errors.ts';
import { childAt, childrenOf, parseXml } from './xml-tree.ts';
import type { XmlElement } from './xml-tree.ts';

/** A scanned area: tiles in rows and columns of the directory's grid. */
export interface VentanaArea {
  /** Of its top-left corner, in level-0 pixels. */
  readonly x: number;
  readonly y: number;
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly columns: number;
  readonly rows: number;
}

export interface VentanaStitching {
  readonly areas: readonly VentanaArea[];
  /** From one tile to the next, in level-0 pixels; may lie between them. */
  readonly advanceX: number;
  readonly advanceY: number;
}

interface TileGrid {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
}

/** A slide has a few. */
const maxAreas = 1000;
/** Neighbouring tiles never overlap by more than half of themselves, nor lie further apart than that. */
const furthestFromTile = 0.5;

/** Attributes of `iScan`, which is the root or within `Metadata`; null: another XML. @throws {GigatileError} image-corrupt */
export function readIScan(xml: string, where: string): ReadonlyMap<string, string> | null {
  const root = parseXml(xml, where);
  if (root.name === 'iScan') return root.attributes;
  return root.name === 'Metadata' ? (childAt(root, 'iScan')?.attributes ?? null) : null;
}

/**
 * The mean overlaps weighted with their confidence, as OpenSlide takes them. Everything that the XML names is checked against the
 * directory's grid of tiles. @throws {GigatileError} image-corrupt
 */
export function readStitching(xml: string, grid: TileGrid, where: string): VentanaStitching {
  const root = parseXml(xml, where);
  const stitch = root.name === 'EncodeInfo' ? childAt(root, 'SlideStitchInfo') : null;
  const origins = root.name === 'EncodeInfo' ? (childAt(root, 'AoiOrigin')?.children ?? []) : [];
  const infos = stitch === null ? [] : childrenOf(stitch, 'ImageInfo');
  if (infos.length === 0 || infos.length !== origins.length) {
    throw damaged(`describes ${infos.length} areas and ${origins.length} origins`, where);
  }
  if (infos.length > maxAreas) throw damaged(`has ${infos.length} areas, more than ${maxAreas}`, where);
  const across = new OverlapMean();
  const down = new OverlapMean();
  const areas = infos.flatMap((info, index) => {
    const origin = origins[index];
    if (origin === undefined || whole(info, 'AOIScanned', where) === 0) return [];
    const area = readArea(info, origin, grid, where);
    for (const joint of childrenOf(info, 'TileJointInfo')) addJoint(joint, area, across, down, where);
    return [area];
  });
  if (areas.length === 0) throw damaged('has no area that was scanned', where);
  const advanceX = advance(grid.tileWidth, across.value, 'OverlapX', where);
  const advanceY = advance(grid.tileHeight, down.value, 'OverlapY', where);
  return { areas: fromTop(areas, advanceY, grid.tileHeight), advanceX, advanceY };
}

class OverlapMean {
  #sum = 0;
  #weight = 0;

  add(overlap: number, confidence: number): void {
    this.#sum += overlap * confidence;
    this.#weight += confidence;
  }

  /** Nothing is known of overlaps that nobody is confident of: then there are none. */
  get value(): number {
    return this.#weight === 0 ? 0 : this.#sum / this.#weight;
  }
}

function readArea(info: XmlElement, origin: XmlElement, grid: TileGrid, where: string): VentanaArea {
  const { tileWidth, tileHeight } = grid;
  const [width, height] = [whole(info, 'Width', where), whole(info, 'Height', where)];
  if (width !== tileWidth || height !== tileHeight) {
    throw damaged(
      `has tiles of ${width} x ${height}, but the file's are ${tileWidth} x ${tileHeight}`,
      where,
    );
  }
  const [originX, originY] = [whole(origin, 'OriginX', where), whole(origin, 'OriginY', where)];
  if (originX % tileWidth !== 0 || originY % tileHeight !== 0) {
    throw damaged(`has an area that begins at ${originX}, ${originY}, which is within a tile`, where);
  }
  const [columns, rows] = [whole(info, 'NumCols', where), whole(info, 'NumRows', where)];
  const [firstColumn, firstRow] = [originX / tileWidth, originY / tileHeight];
  const isInside =
    columns >= 1 &&
    rows >= 1 &&
    firstColumn >= 0 &&
    firstRow >= 0 &&
    firstColumn + columns <= grid.columns &&
    firstRow + rows <= grid.rows;
  if (!isInside) {
    throw damaged(
      `has an area of ${columns} x ${rows} tiles from tile ${firstColumn}, ${firstRow} on, but the image has ${grid.columns} x ${grid.rows}`,
      where,
    );
  }
  const x = Math.trunc(number(info, 'Pos-X', where));
  const y = Math.trunc(number(info, 'Pos-Y', where));
  return { x, y, firstColumn, firstRow, columns, rows };
}

/** Pos-Y counts up from below all areas to an area's bottom; from here on it counts down from the top. */
function fromTop(areas: readonly VentanaArea[], advanceY: number, tileHeight: number): VentanaArea[] {
  const heightOf = (area: VentanaArea): number => Math.trunc((area.rows - 1) * advanceY + tileHeight);
  const top = Math.max(0, ...areas.map((area) => area.y + heightOf(area)));
  return areas.map((area) => ({ ...area, y: top - area.y - heightOf(area) }));
}

/** The neighbour is to the right of (or below) the other tile; scanners of the DP series number and name it the other way round. */
function addJoint(
  joint: XmlElement,
  area: VentanaArea,
  across: OverlapMean,
  down: OverlapMean,
  where: string,
): void {
  const one = place(joint, 'Tile1', area, where);
  const two = place(joint, 'Tile2', area, where);
  const direction = joint.attributes.get('Direction') ?? '';
  const isAcross = direction === 'RIGHT' || direction === 'LEFT';
  const isDown = direction === 'UP' || direction === 'DOWN';
  if (!isAcross && !isDown) throw damaged(`joins tiles in the direction "${direction.slice(0, 40)}"`, where);
  const [columns, rows] = [two.column - one.column, two.row - one.row];
  const isNeighbour =
    (direction === 'RIGHT' && columns === 1 && rows === 0) ||
    (direction === 'LEFT' && Math.abs(columns) === 1 && rows === 0) ||
    (direction === 'UP' && columns === 0 && rows === -1) ||
    (direction === 'DOWN' && columns === 0 && Math.abs(rows) === 1);
  if (!isNeighbour) {
    throw damaged(
      `joins tiles that are no neighbours: ${direction} from ${one.column}, ${one.row} to ${two.column}, ${two.row}`,
      where,
    );
  }
  const confidence = whole(joint, 'Confidence', where);
  if (confidence < 0) throw damaged(`has a confidence of ${confidence}`, where);
  const overlap = number(joint, isAcross ? 'OverlapX' : 'OverlapY', where);
  (isAcross ? across : down).add(overlap, confidence);
}

/** Tiles are numbered from the bottom left: the lowest row to the right, the next one to the left, and so on. */
function place(
  joint: XmlElement,
  name: string,
  area: VentanaArea,
  where: string,
): { column: number; row: number } {
  const tile = whole(joint, name, where);
  if (tile < 1 || tile > area.columns * area.rows) {
    throw damaged(`joins tile ${tile}, but the area has ${area.columns * area.rows} of them`, where);
  }
  const fromBottom = Math.floor((tile - 1) / area.columns);
  const along = (tile - 1) % area.columns;
  return {
    column: fromBottom % 2 === 0 ? along : area.columns - 1 - along,
    row: area.rows - 1 - fromBottom,
  };
}

function advance(tile: number, overlap: number, name: string, where: string): number {
  if (Math.abs(overlap) <= tile * furthestFromTile) return tile - overlap;
  throw damaged(`has a mean ${name} of ${overlap} for tiles of ${tile}, which cannot be`, where);
}

function number(element: XmlElement, name: string, where: string): number {
  const text = element.attributes.get(name);
  if (text === undefined) throw damaged(`has ${element.name} without ${name}`, where);
  // A decimal comma, where the scanner's computer was set so.
  const value = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > 2 ** 31) {
    throw damaged(`gives ${name} of ${element.name} as "${text.slice(0, 40)}"`, where);
  }
  return value;
}

function whole(element: XmlElement, name: string, where: string): number {
  const value = number(element, name, where);
  if (!Number.isInteger(value)) throw damaged(`gives ${name} of ${element.name} as ${value}`, where);
  return value;
}

function damaged(what: string, where: string): GigatileError {
  return new GigatileError('image-corrupt', `The Ventana slide's XML ${what}`, {
    where,
    hint: 'The file is damaged.',
  });
}
