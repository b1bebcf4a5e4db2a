/**
 * A small picture with nuclei where we know them, for tests that need an image and not a realistic one (`gigatile sample`
 * makes those): white glass, a pink rectangle of tissue, and dark purple discs on a lattice.
 */
import { deflateSync, crc32 } from 'node:zlib';

export interface TissuePicture {
  png: Buffer;
  /** Centres of the discs, pixels. */
  nuclei: { x: number; y: number }[];
}

/** Tissue leaves a margin of `glass` pixels on every side; discs of radius 6 px stand 40 px apart within it. */
export function tissuePicture(width: number, height: number, glass = 200): TissuePicture {
  const pixels = Buffer.alloc(width * height * 3, 245);
  const paint = (x: number, y: number, color: readonly [number, number, number]): void => {
    const at = (y * width + x) * 3;
    [pixels[at], pixels[at + 1], pixels[at + 2]] = color;
  };
  for (let y = glass; y < height - glass; y++) {
    for (let x = glass; x < width - glass; x++) paint(x, y, [232, 172, 205]);
  }
  const nuclei: TissuePicture['nuclei'] = [];
  for (let y = glass + 30; y <= height - glass - 30; y += 40) {
    for (let x = glass + 30; x <= width - glass - 30; x += 40) {
      nuclei.push({ x, y });
      for (let dy = -6; dy <= 6; dy++) {
        for (let dx = -6; dx <= 6; dx++) if (dx * dx + dy * dy <= 36) paint(x + dx, y + dy, [88, 60, 146]);
      }
    }
  }
  return { png: encodePng(width, height, pixels), nuclei };
}

/** RGB, 8 bits (PNG specification, section 11): every row behind filter byte 0. */
function encodePng(width: number, height: number, rgb: Buffer): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++)
    rgb.copy(rows, y * (width * 3 + 1) + 1, y * width * 3, (y + 1) * width * 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
