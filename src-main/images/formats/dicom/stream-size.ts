/** The size that a JPEG 2000 or JPEG-LS stream says it has, before a decoder makes room for it. */

/** null: not found where it should be; the decoder will say what is wrong. */
export function streamSize(bytes: Buffer): { width: number; height: number } | null {
  // JPEG 2000: SOC, then SIZ: Lsiz, Rsiz (2 bytes each), Xsiz, Ysiz, XOsiz, YOsiz (4 bytes each).
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0xff4f_ff51) {
    return {
      width: bytes.readUInt32BE(8) - bytes.readUInt32BE(16),
      height: bytes.readUInt32BE(12) - bytes.readUInt32BE(20),
    };
  }
  return bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8 ? jpegLsSize(bytes) : null;
}

/** SOF55 (0xFFF7), with its fields as in JPEG, behind any number of other segments. */
function jpegLsSize(bytes: Buffer): { width: number; height: number } | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    if (bytes[at + 1] === 0xf7)
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
