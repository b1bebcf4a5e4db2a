/**
 * Outlines of the findings in view as bytes, for painting: little-endian, header of 16 bytes (magic "GSF1", count u32, number of
 * findings in view u32, 0), then for each: ordinal u32, class u8, verdict u8 (as in finding-frame.ts), 2 bytes of padding, number of
 * float32 u32, and the shape as core/shape.ts packs it.
 */
import type { Shape } from './finding.ts';

export const shapeFrameMagic = 0x31465347; // "GSF1"
const headerBytes = 16;
const recordBytes = 12;

export interface PackedShape {
  ordinal: number;
  classIndex: number;
  verdict: 0 | 1 | 2;
  /** See core/shape.ts. */
  numbers: Float32Array;
}

/** @param total findings in view, of which the first are given */
export function encodeShapeFrame(shapes: readonly PackedShape[], total: number): Uint8Array {
  const size = shapes.reduce((sum, { numbers }) => sum + recordBytes + numbers.length * 4, headerBytes);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, shapeFrameMagic, true);
  view.setUint32(4, shapes.length, true);
  view.setUint32(8, total, true);
  let at = headerBytes;
  for (const { ordinal, classIndex, verdict, numbers } of shapes) {
    view.setUint32(at, ordinal, true);
    view.setUint8(at + 4, classIndex);
    view.setUint8(at + 5, verdict);
    view.setUint32(at + 8, numbers.length, true);
    new Float32Array(bytes.buffer, at + recordBytes, numbers.length).set(numbers);
    at += recordBytes + numbers.length * 4;
  }
  return bytes;
}

export interface ShapeInView {
  ordinal: number;
  classIndex: number;
  /** 3 and 4 are lines of things that nobody decides about, dashed and dotted; no frame has them. */
  verdict: 0 | 1 | 2 | 3 | 4;
  shape: Shape;
}

/**
 * @param decode of core/shape.ts
 * @throws {RangeError} where the bytes are no shape frame
 */
export function decodeShapeFrame(
  bytes: ArrayBuffer,
  decode: (numbers: Float32Array) => { shape: Shape },
): { shapes: ShapeInView[]; total: number } {
  const view = new DataView(bytes);
  if (view.byteLength < headerBytes || view.getUint32(0, true) !== shapeFrameMagic) {
    throw new RangeError('not a shape frame');
  }
  const shapes: ShapeInView[] = [];
  let at = headerBytes;
  for (let i = view.getUint32(4, true); i > 0; i--) {
    const length = view.getUint32(at + 8, true);
    shapes.push({
      ordinal: view.getUint32(at, true),
      classIndex: view.getUint8(at + 4),
      verdict: Math.min(2, view.getUint8(at + 5)) as 0 | 1 | 2,
      shape: decode(new Float32Array(bytes, at + recordBytes, length)).shape,
    });
    at += recordBytes + length * 4;
  }
  return { shapes, total: view.getUint32(8, true) };
}
