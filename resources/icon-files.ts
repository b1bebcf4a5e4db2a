/**
 * The two icon containers, written from PNGs.
 * ICO: learn.microsoft.com/previous-versions/ms997538. ICNS: en.wikipedia.org/wiki/Apple_Icon_Image_format; since macOS 10.7
 * both hold PNGs as they are.
 */

/** ICNS types that hold a PNG, by the length of its sides; at twice the resolution 16@2x … 512@2x. */
const icnsTypes: [type: string, side: number][] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
  ['ic10', 1024],
];

/** @param pngs by the length of their sides in pixels; an ICO holds at most 256 */
export function writeIco(pngs: ReadonlyMap<number, Buffer>): Buffer {
  const entries = [...pngs].filter(([side]) => side <= 256);
  const header = Buffer.alloc(6 + 16 * entries.length);
  header.writeUInt16LE(1, 2); // an icon, no cursor
  header.writeUInt16LE(entries.length, 4);
  let offset = header.length;
  for (const [index, [side, png]] of entries.entries()) {
    const at = 6 + 16 * index;
    header.writeUInt8(side % 256, at); // 0 says 256
    header.writeUInt8(side % 256, at + 1);
    header.writeUInt16LE(1, at + 4); // planes
    header.writeUInt16LE(32, at + 6); // bits a pixel
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...entries.map(([, png]) => png)]);
}

/** @param pngs by the length of their sides in pixels: 16, 32, 64, 128, 256, 512 and 1024 */
export function writeIcns(pngs: ReadonlyMap<number, Buffer>): Buffer {
  const parts = icnsTypes.map(([type, side]) => {
    const png = pngs.get(side);
    if (png === undefined) throw new Error(`An ICNS needs a picture of ${side} pixels`);
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(8 + png.length, 4);
    return Buffer.concat([head, png]);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(8 + body.length, 4);
  return Buffer.concat([head, body]);
}
