/** Tag numbers and values of TIFF 6.0, its technical notes, GeoTIFF, GDAL and the compressions in use. */
export const tag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  imageDescription: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  ycbcrSubsampling: 530,
  xmp: 700,
  modelPixelScale: 33550,
  modelTiepoint: 33922,
  modelTransformation: 34264,
  geoKeyDirectory: 34735,
  geoDoubleParams: 34736,
  geoAsciiParams: 34737,
  lercParameters: 50674,
  gdalMetadata: 42112,
  gdalNoData: 42113,
  ndpi: 65420,
} as const;

export const subfile = { reduced: 1, mask: 4 } as const;

export const photometric = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  mask: 4,
  cmyk: 5,
  ycbcr: 6,
} as const;

export const compression = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  packBits: 32773,
  oldDeflate: 32946,
  /** Aperio's: the codestream's three components are YCbCr, or RGB. */
  aperioYcbcr: 33003,
  aperioRgb: 33005,
  jpeg2000: 34712,
  lerc: 34887,
  zstd: 50000,
  webp: 50001,
} as const;

/** Short names for `info.compression` and for messages. */
const compressionNames: Readonly<Record<number, string>> = {
  [compression.none]: 'none',
  2: 'ccitt-rle',
  3: 'ccitt-fax3',
  4: 'ccitt-fax4',
  [compression.lzw]: 'lzw',
  6: 'old-jpeg',
  [compression.jpeg]: 'jpeg',
  [compression.deflate]: 'deflate',
  [compression.packBits]: 'packbits',
  [compression.oldDeflate]: 'deflate',
  [compression.aperioYcbcr]: 'jpeg2000',
  [compression.aperioRgb]: 'jpeg2000',
  [compression.jpeg2000]: 'jpeg2000',
  [compression.lerc]: 'lerc',
  34892: 'lossy-jpeg-dng',
  34925: 'lzma',
  34933: 'png',
  34934: 'jpeg-xr',
  [compression.zstd]: 'zstd',
  [compression.webp]: 'webp',
  50002: 'jpeg-xl',
  52546: 'jpeg-xl',
};

export function isJpeg2000(code: number): boolean {
  return compressionNames[code] === 'jpeg2000';
}

export function compressionName(code: number): string {
  return compressionNames[code] ?? `tiff-${code}`;
}
