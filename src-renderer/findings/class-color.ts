/** A class's colour for the page. */
import type { ModelManifest } from '../../src-main/contract/model.ts';

export function classColor(manifest: ModelManifest | null, classIndex: number): string {
  const color = manifest?.classes[classIndex]?.color;
  return color === undefined ? 'var(--text-3)' : `rgb(${color.join(' ')})`;
}
