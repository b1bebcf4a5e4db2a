/**
 * How what two runs have in common, and what not, is shown: told apart by colour-blind eyes and on stained tissue (Okabe and Ito 2008),
 * and by form as well: see src-renderer/compare.
 */
import type { ComparisonGroup } from '../../contract/compare.ts';
import type { Rgb } from '../colour.ts';

export const groupColours: Record<ComparisonGroup, Rgb> = {
  both: [232, 232, 232],
  'only-a': [86, 180, 233],
  'only-b': [230, 159, 0],
  'other-class': [0, 158, 115],
};

export const groupNames: Record<ComparisonGroup, string> = {
  both: 'Both',
  'only-a': 'Only A',
  'only-b': 'Only B',
  'other-class': 'Another class',
};
