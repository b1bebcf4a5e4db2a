/** How a group looks in the image: its colour and its line. */
import type { ComparisonGroup } from '../../src-main/contract/compare.ts';
import { groupColours } from '../../src-main/core/compare/group-colours.ts';

export function GroupMark({ group }: { group: ComparisonGroup }) {
  return (
    <span
      className={`group-mark group-mark-${group}`}
      style={{ color: `rgb(${groupColours[group].join(' ')})` }}
      aria-hidden
    />
  );
}
