/** Pixel values as they come from an image, of whatever type. */
export type Samples =
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
