/** Arrays in numpy's .npy files (versions 1 to 3), for models that bring what they should answer. Untrusted input. */
import { GigatileError } from '../../contract/errors.ts';
import { parsePythonLiteral, type PythonValue } from '../conventions/python-literal.ts';

export interface NpyArray {
  dims: number[];
  /** Row-major. */
  data: Float64Array;
}

/** 512 MB of doubles: test inputs are some megapixels. */
const mostNumbers = 2 ** 26;
const longestHeader = 2 ** 16;
const mostDimensions = 8;

type Read = (view: DataView, at: number, little: boolean) => number;

/** By numpy's letters, with the bytes a number. */
const readers: Readonly<Record<string, Read>> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** @param where the file, for errors. @throws {GigatileError} model-invalid */
export function readNpy(bytes: Uint8Array, where: string): NpyArray {
  const wrong = (message: string, cause?: unknown): GigatileError =>
    new GigatileError('model-invalid', `A test array ${message}`, {
      where,
      hint: 'Numbers in numpy .npy files in C order are read; download the model again if it should be one.',
      cause,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isNpy =
    bytes.length >= 12 && bytes[0] === 0x93 && view.getUint32(1) === 0x4e554d50 && bytes[5] === 0x59;
  if (!isNpy) throw wrong('is no .npy file');
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw wrong(`has version ${major} of .npy`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (major === 1 ? 10 : 12) + length;
  if (length > longestHeader || start > bytes.length) throw wrong('is cut off in its header');
  const header = headerOf(bytes.subarray(start - length, start), wrong);
  const [, order = '', kind = ''] = /^([<>|=])([a-z]\d+)$/.exec(header.descr) ?? [];
  const read = readers[kind];
  if (read === undefined) throw wrong(`holds ${header.descr}, which is no type of numbers that is read`);
  if (header.isFortran && header.dims.length > 1) throw wrong('is in Fortran order');
  const size = Number(kind.slice(1));
  const count = header.dims.reduce((product, dim) => product * dim, 1);
  if (count > mostNumbers) throw wrong(`has ${count} numbers; at most ${mostNumbers} are read`);
  if (bytes.length - start !== count * size) {
    throw wrong(`has ${bytes.length - start} bytes for ${count} numbers of ${size}`);
  }
  const data = new Float64Array(count);
  const isLittle = order !== '>';
  for (let i = 0, at = start; i < count; i++, at += size) data[i] = read(view, at, isLittle);
  return { dims: header.dims, data };
}

function headerOf(
  bytes: Uint8Array,
  wrong: (message: string, cause?: unknown) => GigatileError,
): { descr: string; isFortran: boolean; dims: number[] } {
  let value: PythonValue;
  try {
    value = parsePythonLiteral(new TextDecoder('latin1').decode(bytes).trim());
  } catch (cause) {
    throw wrong('has a header that cannot be read', cause);
  }
  const header = value instanceof Map ? value : new Map<PythonValue, PythonValue>();
  const descr = header.get('descr');
  const shape = header.get('shape');
  const isFortran = header.get('fortran_order');
  const isShape =
    Array.isArray(shape) &&
    shape.length <= mostDimensions &&
    shape.every((dim) => typeof dim === 'number' && Number.isInteger(dim) && dim >= 0);
  if (typeof descr !== 'string' || typeof isFortran !== 'boolean' || !isShape) {
    throw wrong('has a header without descr, fortran_order and shape');
  }
  return { descr, isFortran, dims: shape as number[] };
}
