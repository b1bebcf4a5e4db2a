/** Where on the glass the pieces of tissue lie, and what each is made of. */
import { Draw, fractalNoise, hash } from '../random.ts';

/** What a piece mostly is: mucosa with crypts over muscle and fat; lobules in fibrous and fatty tissue; solid tumour. */
export const tissueStyles = ['mucosa', 'lobular', 'tumour'] as const;
export type TissueStyle = (typeof tissueStyles)[number];

interface Blob {
  x: number;
  y: number;
  radius: number;
}

export interface TissuePiece {
  style: TissueStyle;
  /** Overlapping discs along a bent axis; their smooth union is the piece. */
  blobs: Blob[];
  /** Mean radius, px. */
  radius: number;
  seed: number;
  /** Box around the discs, px. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const largestCell = 15_000;
const smallestCell = 1_200;

/** One piece in most cells of a coarse grid, none of which reaches the glass's edge. */
export function layOutTissue(seed: number, width: number, height: number): TissuePiece[] {
  const cell = Math.min(largestCell, Math.max(smallestCell, Math.sqrt(width * height) / 2.2));
  const columns = Math.max(1, Math.round(width / cell));
  const rows = Math.max(1, Math.round(height / cell));
  const cellWidth = width / columns;
  const cellHeight = height / rows;
  const pieces: TissuePiece[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const draw = new Draw(hash(seed, 11, column, row));
      if (draw.next() < 0.1 && columns * rows > 8) continue;
      const landscape = cellWidth >= cellHeight;
      const long = Math.max(cellWidth, cellHeight);
      const short = Math.min(cellWidth, cellHeight);
      const radius = short * draw.between(0.24, 0.29);
      const reach = Math.max(0, long * 0.4 - radius);
      const tilt = draw.between(-0.5, 0.5);
      const bend = draw.between(-0.55, 0.55);
      const cx = (column + 0.5) * cellWidth + draw.between(-0.03, 0.03) * cellWidth;
      const cy = (row + 0.5) * cellHeight + draw.between(-0.03, 0.03) * cellHeight;
      const blobs: Blob[] = [];
      for (let i = -2; i <= 2; i++) {
        const along = (i / 2) * reach;
        const aside = along * tilt * 0.4 + bend * radius * (1 - (i * i) / 2.5);
        blobs.push({
          x: cx + (landscape ? along : aside),
          y: cy + (landscape ? aside : along),
          radius: radius * draw.between(0.72, 1.08),
        });
      }
      const style = tissueStyles[(column + row * 2 + (seed & 0xff)) % tissueStyles.length] ?? 'mucosa';
      pieces.push({
        style,
        blobs,
        radius,
        seed: hash(seed, 12, column, row),
        left: Math.min(...blobs.map((blob) => blob.x - blob.radius)),
        top: Math.min(...blobs.map((blob) => blob.y - blob.radius)),
        right: Math.max(...blobs.map((blob) => blob.x + blob.radius)),
        bottom: Math.max(...blobs.map((blob) => blob.y + blob.radius)),
      });
    }
  }
  return pieces;
}

/**
 * Distance to the nearest piece's ragged border in px, about: negative inside. Every feature is at least 50 px wide, so that
 * a grid of 16 px holds it.
 */
export function tissueDistance(
  pieces: readonly TissuePiece[],
  seed: number,
  x: number,
  y: number,
): { distance: number; piece: TissuePiece | null } {
  let distance = Number.POSITIVE_INFINITY;
  let nearest: TissuePiece | null = null;
  for (const piece of pieces) {
    // Far from a piece its exact distance does not matter.
    const dx = Math.max(0, piece.left - x, x - piece.right);
    const dy = Math.max(0, piece.top - y, y - piece.bottom);
    const outside = Math.max(dx, dy);
    if (outside > piece.radius) {
      if (outside < distance) {
        distance = outside;
        nearest = piece;
      }
      continue;
    }
    // Smooth minimum over the discs (log-sum-exp) with a rounding of a third of the radius.
    const k = piece.radius / 3;
    let sum = 0;
    for (const blob of piece.blobs) {
      const bx = x - blob.x;
      const by = y - blob.y;
      sum += Math.exp((blob.radius - Math.sqrt(bx * bx + by * by)) / k);
    }
    const d = sum > 0 ? -k * Math.log(sum) : 1e6;
    if (d < distance) {
      distance = d;
      nearest = piece;
    }
  }
  if (!nearest || distance > nearest.radius) return { distance, piece: nearest };
  const r = nearest.radius;
  const lobes = fractalNoise(nearest.seed, 21, x / (r * 0.9), y / (r * 0.9), 3) * r * 0.28;
  const frays = fractalNoise(seed, 22, x / 260, y / 260, 3) * Math.min(60, r * 0.12);
  return { distance: distance + lobes + frays, piece: nearest };
}
