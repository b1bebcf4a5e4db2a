/** Undoing TIFF's predictors in place. Predictor 2: TIFF 6.0 section 14; 3: Adobe's TIFF technical note 3. */

type IntegerArray = Uint8Array | Uint16Array | Uint32Array;

/** Horizontal differencing: every sample is stored as the difference to that of the pixel before. Wraps around. */
export function undoDifferences(data: IntegerArray, width: number, height: number, samples: number): void {
  const rowLength = width * samples;
  for (let row = 0; row < height; row++) {
    const start = row * rowLength;
    const end = start + rowLength;
    for (let i = start + samples; i < end; i++) data[i] = (data[i] ?? 0) + (data[i - samples] ?? 0);
  }
}

/**
 * Floating point: a row's bytes are regrouped by significance (all most significant bytes first, in any byte order of the
 * file) and differenced bytewise. Gives little-endian floats.
 */
export function undoFloatDifferences(
  bytes: Uint8Array,
  width: number,
  height: number,
  samples: number,
  bytesPerSample: number,
): void {
  const values = width * samples;
  const rowBytes = values * bytesPerSample;
  const row = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const line = bytes.subarray(y * rowBytes, (y + 1) * rowBytes);
    undoDifferences(line, rowBytes / samples, 1, samples);
    row.set(line);
    for (let i = 0; i < values; i++) {
      for (let b = 0; b < bytesPerSample; b++) {
        line[i * bytesPerSample + b] = row[(bytesPerSample - 1 - b) * values + i] ?? 0;
      }
    }
  }
}
