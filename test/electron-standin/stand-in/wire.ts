/**
 * Structured values as JSON, for the one channel that carries text only: between this process and the page. The functions
 * are self-contained, because their text is also evaluated in the page.
 */
export type Wire =
  | { t: 'json'; v: string | number | boolean | null }
  | { t: 'undefined' }
  | { t: 'bytes'; v: string }
  | { t: 'array'; v: Wire[] }
  | { t: 'object'; v: [string, Wire][] }
  | { t: 'error'; v: string };

/** @throws {TypeError} on values that no message of the application should hold (functions, DOM objects, maps …). */
export function encodeWire(value: unknown): Wire {
  if (value === undefined) return { t: 'undefined' };
  if (value === null || typeof value === 'string' || typeof value === 'boolean')
    return { t: 'json', v: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { t: 'json', v: value };
  if (Array.isArray(value)) return { t: 'array', v: value.map((item) => encodeWire(item)) };
  if (value instanceof Error) return { t: 'error', v: value.message };
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (typeof Buffer !== 'undefined') {
      return {
        t: 'bytes',
        v: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
      };
    }
    return { t: 'bytes', v: (bytes as unknown as { toBase64(): string }).toBase64() };
  }
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return { t: 'object', v: Object.entries(value).map(([key, item]) => [key, encodeWire(item)]) };
    }
  }
  throw new TypeError(
    `The Electron stand-in does not carry ${Object.prototype.toString.call(value)} to a page.`,
  );
}

export function decodeWire(wire: Wire): unknown {
  switch (wire.t) {
    case 'json':
      return wire.v;
    case 'undefined':
      return undefined;
    case 'bytes':
      if (typeof Buffer !== 'undefined') return new Uint8Array(Buffer.from(wire.v, 'base64'));
      return (Uint8Array as unknown as { fromBase64(text: string): Uint8Array }).fromBase64(wire.v);
    case 'array':
      return wire.v.map((item) => decodeWire(item));
    case 'object':
      return Object.fromEntries(wire.v.map(([key, item]) => [key, decodeWire(item)]));
    default:
      return new Error(wire.v);
  }
}
