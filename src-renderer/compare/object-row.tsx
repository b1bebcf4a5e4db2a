/** One object in the list: picture, what each run says of it. */
import { memo } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ComparedFinding } from '../../src-main/contract/compare.ts';
import { groupColours, groupNames } from '../../src-main/core/compare/group-colours.ts';
import { Crop } from '../findings/crop.tsx';
import { score } from '../ui/format.ts';
import { GroupMark } from './group-mark.tsx';
import { words } from '../words/words.ts';

interface ObjectRowProps {
  item: ComparedFinding;
  position: number;
  image: Pick<CaseView['image'], 'id' | 'fingerprint' | 'width' | 'height'>;
  selected: boolean;
  /** Scores stay hidden until A's finding is decided. */
  blind: boolean;
  onSelect: (position: number) => void;
}

export const objectRowHeight = 64;

export const ObjectRow = memo(function ObjectRow({
  item,
  position,
  image,
  selected,
  blind,
  onSelect,
}: ObjectRowProps) {
  const { a, b, group, iou } = item;
  const shown = a ?? b;
  if (shown === null) return null;
  const hides = blind && (a?.verdict ?? null) === null;
  const className = group === 'other-class' ? `${a?.className} → ${b?.className}` : shown.className;
  const scores = [a !== null && `A ${score(a.score)}`, b !== null && `B ${score(b.score)}`].filter(Boolean);
  const verdict = a?.verdict ?? b?.verdict ?? null;
  return (
    <div
      className="finding-row object-row"
      role="row"
      aria-rowindex={position + 1}
      id={`object-${position}`}
      aria-selected={selected}
      aria-label={[
        groupNames[group],
        className,
        ...(hides ? [] : scores),
        ...(iou === null ? [] : [words.compare.iou(score(iou))]),
        ...(verdict === null ? [] : [verdict]),
      ].join(', ')}
      onClick={() => onSelect(position)}
    >
      <div role="gridcell" className="finding-cell">
        <Crop image={image} box={shown.box} size={48} color={`rgb(${groupColours[group].join(' ')})`} />
      </div>
      <div role="gridcell" className="finding-main">
        <div className="finding-name">
          <GroupMark group={group} />
          {className}
        </div>
        <div className="finding-meta numeric">
          {groupNames[group]}
          {iou !== null && words.compare.countIou(score(iou))}
          {verdict !== null && ` · ${verdict}`}
        </div>
      </div>
      <div role="gridcell" className="object-scores numeric">
        {hides ? '–' : scores.map((text) => <span key={String(text)}>{text}</span>)}
      </div>
    </div>
  );
});
