/** Packets: which bytes belong to which code-block (ISO/IEC 15444-1 B.9, B.10, B.12). */
import { corrupt, unsupported } from './codestream.ts';
import type { Progression, TileCoding, TileHeader } from './codestream.ts';
import { makeBlock } from './tile-layout.ts';
import type { BlockSegment, CodeBlock, Precinct, PrecinctBand, TileComponent } from './tile-layout.ts';
import { TagTree } from './tag-tree.ts';

/** A tile with more code-blocks is refused: each takes memory. */
const mostBlocks = 2 ** 19;
/** No precision needs more (E-2: guard bits and exponent of 7 and 5 bits). */
const mostPlanes = 80;

/** Where a precinct stands in the progressions. */
interface Place {
  component: number;
  resolution: number;
  index: number;
  precinct: Precinct;
}

/** Gives every code-block of the tile its bytes. Packets that are missing at the end are left out, as the standard allows. */
export function readPackets(header: TileHeader, components: readonly TileComponent[]): void {
  const reader = new PacketReader(header, components);
  for (const place of sequence(header.coding, components)) if (!reader.read(place)) return;
}

function* sequence(coding: TileCoding, components: readonly TileComponent[]): Generator<Place> {
  const whole: Progression = {
    order: coding.order,
    firstResolution: 0,
    firstComponent: 0,
    endLayer: coding.layers,
    endResolution: 33,
    endComponent: components.length,
  };
  for (const part of coding.progressions.length > 0 ? coding.progressions : [whole]) {
    yield* inOrder(part, Math.min(part.endLayer, coding.layers), placesOf(part, components));
  }
}

function placesOf(part: Progression, components: readonly TileComponent[]): Place[] {
  const places: Place[] = [];
  for (const [component, { resolutions }] of components.entries()) {
    if (component < part.firstComponent || component >= part.endComponent) continue;
    for (const [resolution, { precincts }] of resolutions.entries()) {
      if (resolution < part.firstResolution || resolution >= part.endResolution) continue;
      for (const [index, precinct] of precincts.entries()) {
        places.push({ component, resolution, index, precinct });
      }
    }
  }
  return places;
}

type Key = (place: Place) => number;
const byComponent: Key = (place) => place.component;
const byResolution: Key = (place) => place.resolution;
const byIndex: Key = (place) => place.index;
const byX: Key = (place) => place.precinct.x;
const byY: Key = (place) => place.precinct.y;

/** B.12.1: the loops of each progression below its layers, as an order of precincts. */
const orders: readonly (readonly Key[])[] = [
  [byResolution, byComponent, byIndex],
  [byResolution, byComponent, byIndex],
  [byResolution, byY, byX, byComponent, byIndex],
  [byY, byX, byComponent, byResolution, byIndex],
  [byComponent, byY, byX, byResolution, byIndex],
];

function* inOrder(part: Progression, layers: number, places: Place[]): Generator<Place> {
  const keys = orders[part.order] ?? [];
  places.sort((a, b) => {
    for (const key of keys) {
      const gap = key(a) - key(b);
      if (gap !== 0) return gap;
    }
    return 0;
  });
  if (part.order === 0) {
    for (let layer = 0; layer < layers; layer++) yield* thoseAt(places, layer);
  } else if (part.order === 1) {
    let start = 0;
    while (start < places.length) {
      let end = start;
      while (end < places.length && places[end]?.resolution === places[start]?.resolution) end++;
      const same = places.slice(start, end);
      for (let layer = 0; layer < layers; layer++) yield* thoseAt(same, layer);
      start = end;
    }
  } else {
    for (const place of places) {
      for (let layer = place.precinct.nextLayer; layer < layers; layer++) yield place;
    }
  }
}

/** A packet that an earlier progression has given is not given again. */
function* thoseAt(places: readonly Place[], layer: number): Generator<Place> {
  for (const place of places) if (place.precinct.nextLayer === layer) yield place;
}

class PacketReader {
  readonly #components: readonly TileComponent[];
  readonly #data: readonly Uint8Array[];
  #part = 0;
  #body: Uint8Array;
  #at = 0;
  readonly #packed: Uint8Array | null;
  #packedAt = 0;
  #blocks = 0;
  /** Of the packet header that is being read. */
  #bits: Uint8Array = new Uint8Array(0);
  #bitsAt = 0;
  #byte = 0;
  #left = 0;
  readonly #bit = (): number => {
    if (this.#left === 0) {
      if (this.#bitsAt >= this.#bits.length) throw corrupt('it ends in a packet header');
      // After 0xff a zero bit is stuffed (B.10.1).
      this.#left = this.#byte === 0xff ? 7 : 8;
      this.#byte = this.#bits[this.#bitsAt++] ?? 0;
    }
    this.#left--;
    return (this.#byte >> this.#left) & 1;
  };

  constructor(header: TileHeader, components: readonly TileComponent[]) {
    this.#components = components;
    this.#data = header.data;
    this.#body = header.data[0] ?? new Uint8Array(0);
    this.#packed = header.packetHeaders;
  }

  /** One packet; false: there are no more. */
  read(place: Place): boolean {
    // A packet never reaches over the end of its tile-part.
    while (this.#isAtEnd()) {
      const next = this.#data[++this.#part];
      if (next === undefined) return false;
      this.#body = next;
      this.#at = 0;
    }
    const component = this.#components[place.component];
    if (component === undefined) throw corrupt(`a packet of component ${place.component}`);
    if (this.#body[this.#at] === 0xff && this.#body[this.#at + 1] === 0x91) this.#at += 6;
    this.#startHeader();
    const found: { segment: BlockSegment; length: number }[] = [];
    if (this.#bit() === 1) {
      for (const band of place.precinct.bands) {
        this.#readBand(band, place.precinct.nextLayer, component.style.blockStyle, found);
      }
    }
    this.#endHeader();
    for (const { segment, length } of found) {
      if (this.#at + length > this.#body.length) {
        throw corrupt(`a packet needs ${length} bytes where ${this.#body.length - this.#at} are left`);
      }
      if (length > 0) segment.chunks.push(this.#body.subarray(this.#at, this.#at + length));
      segment.length += length;
      this.#at += length;
    }
    place.precinct.nextLayer++;
    return true;
  }

  #isAtEnd(): boolean {
    if (this.#packed !== null) return this.#packedAt >= this.#packed.length;
    return this.#at >= this.#body.length;
  }

  #startHeader(): void {
    this.#bits = this.#packed ?? this.#body;
    this.#bitsAt = this.#packed === null ? this.#at : this.#packedAt;
    this.#byte = 0;
    this.#left = 0;
  }

  #endHeader(): void {
    // A header does not end with 0xff: a byte of stuffing follows it.
    if (this.#byte === 0xff) this.#bitsAt++;
    if (this.#bits[this.#bitsAt] === 0xff && this.#bits[this.#bitsAt + 1] === 0x92) this.#bitsAt += 2;
    if (this.#packed === null) this.#at = this.#bitsAt;
    else this.#packedAt = this.#bitsAt;
  }

  #readBand(
    of: PrecinctBand,
    layer: number,
    blockStyle: number,
    found: { segment: BlockSegment; length: number }[],
  ): void {
    if (of.columns === 0 || of.rows === 0) return;
    if (of.inclusion === null || of.planes === null) {
      this.#blocks += of.columns * of.rows;
      if (this.#blocks > mostBlocks) throw unsupported(`more than ${mostBlocks} code-blocks in a tile`);
      of.inclusion = new TagTree(of.columns, of.rows);
      of.planes = new TagTree(of.columns, of.rows);
      of.blocks = Array.from({ length: of.columns * of.rows }, () => null);
    }
    for (let row = 0, i = 0; row < of.rows; row++) {
      for (let column = 0; column < of.columns; column++, i++) {
        let block = of.blocks[i] ?? null;
        if (block === null) {
          if (!of.inclusion.isBelow(column, row, layer + 1, this.#bit)) continue;
          block = makeBlock(of, column, row);
          block.zeroPlanes = of.planes.value(column, row, mostPlanes, this.#bit);
          of.blocks[i] = block;
        } else if (this.#bit() === 0) {
          continue;
        }
        const passes = this.#passes();
        while (this.#bit() === 1) {
          if (++block.lengthBits > 32) throw corrupt('a code-block of an absurd length');
        }
        this.#readLengths(block, passes, blockStyle, found);
      }
    }
  }

  /** Table B.4. */
  #passes(): number {
    if (this.#bit() === 0) return 1;
    if (this.#bit() === 0) return 2;
    const two = this.#number(2);
    if (two < 3) return 3 + two;
    const five = this.#number(5);
    return five < 31 ? 6 + five : 37 + this.#number(7);
  }

  #readLengths(
    block: CodeBlock,
    passes: number,
    blockStyle: number,
    found: { segment: BlockSegment; length: number }[],
  ): void {
    let left = passes;
    while (left > 0) {
      let segment = block.segments[block.segments.length - 1];
      if (segment === undefined || segment.passes === segment.maxPasses) {
        segment = { passes: 0, maxPasses: passesUntilEnd(block.passes, blockStyle), chunks: [], length: 0 };
        block.segments.push(segment);
      }
      const count = Math.min(left, segment.maxPasses - segment.passes);
      const length = this.#number(block.lengthBits + Math.floor(Math.log2(count)));
      found.push({ segment, length });
      segment.passes += count;
      block.passes += count;
      left -= count;
    }
  }

  #number(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) value = value * 2 + this.#bit();
    return value;
  }
}

/** D.4.2, D.6: after how many passes the coder is terminated, from pass `first` on. */
function passesUntilEnd(first: number, blockStyle: number): number {
  if ((blockStyle & 4) !== 0) return 1;
  if ((blockStyle & 1) === 0) return Number.POSITIVE_INFINITY;
  // Bypass: the first four bit-planes are arithmetic; then two raw passes and one arithmetic in turn.
  if (first < 10) return 10 - first;
  return (first - 10) % 3 === 2 ? 1 : 2;
}
