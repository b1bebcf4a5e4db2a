/** One finding in the list: picture, class, score, decision. */
import { Check, MessageSquareText, X } from 'lucide-react';
import { memo } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import { partFinder } from '../../src-main/core/set-layout.ts';
import { unnamedReviewer } from '../state/preferences.ts';
import { moment, score, locale } from '../ui/format.ts';
import { Crop } from './crop.tsx';
import { words } from '../words/words.ts';

interface FindingRowProps {
  finding: FindingView;
  position: number;
  image: Pick<CaseView['image'], 'id' | 'fingerprint' | 'width' | 'height' | 'parts'>;
  color: string;
  selected: boolean;
  /** The score stays hidden until something is decided. */
  blind: boolean;
  onSelect: (position: number) => void;
  onDecide: (finding: FindingView, verdict: 'accepted' | 'rejected' | null) => void;
}

export const rowHeight = 64;

function decidedBy(finding: FindingView): string | undefined {
  if (finding.reviewer === null) return undefined;
  const at = finding.decidedAt === null ? '' : `, ${moment(finding.decidedAt)}`;
  return `${finding.verdict} by ${finding.reviewer}${at}`;
}

/** Of a set, the picture that the finding lies in. */
function pictureOf({ parts }: FindingRowProps['image'], { box }: FindingView): string | null {
  if (parts === undefined) return null;
  return partFinder(parts)(box.x + box.width / 2, box.y + box.height / 2)?.name ?? null;
}

export const FindingRow = memo(function FindingRow({
  finding,
  position,
  image,
  color,
  selected,
  blind,
  onSelect,
  onDecide,
}: FindingRowProps) {
  const toggle = (verdict: 'accepted' | 'rejected') =>
    onDecide(finding, finding.verdict === verdict ? null : verdict);
  const picture = pictureOf(image, finding);
  const hidesScore = blind && finding.verdict === null;
  return (
    <div
      className={`finding-row ${finding.verdict === null ? '' : `finding-${finding.verdict}`} ${finding.provisional ? 'finding-provisional' : ''}`}
      role="row"
      aria-rowindex={position + 1}
      id={`finding-${position}`}
      aria-selected={selected}
      aria-label={`${finding.className}${hidesScore ? '' : words.findings.score(score(finding.score))}, ${finding.verdict ?? 'undecided'}${finding.provisional ? words.findings.mayChange : ''}${picture === null ? '' : words.findings.in(picture)}`}
      onClick={() => onSelect(position)}
    >
      <div role="gridcell" className="finding-cell">
        <Crop image={image} box={finding.box} size={48} color={color} />
      </div>
      <div role="gridcell" className="finding-main">
        <div className="finding-name">
          <span className="swatch" style={{ background: color }} />
          {finding.className}
          {finding.note !== undefined && (
            <MessageSquareText className="note-mark" aria-label={words.findings.hasANote} />
          )}
        </div>
        <div className="finding-meta numeric" title={decidedBy(finding)}>
          #{(finding.ordinal + 1).toLocaleString(locale)}
          {finding.modelClassName !== undefined && words.findings.was(finding.modelClassName)}
          {picture !== null && ` · ${picture}`}
          {finding.verdict !== null &&
            ` · ${finding.verdict}${finding.reviewer === null || finding.reviewer === unnamedReviewer ? '' : words.findings.by(finding.reviewer)}`}
        </div>
      </div>
      <div role="gridcell" className="finding-score numeric">
        {hidesScore ? '–' : score(finding.score)}
      </div>
      <div role="gridcell" className="finding-buttons">
        <button
          type="button"
          tabIndex={-1}
          className="verdict verdict-accept"
          aria-label={words.findings.accept}
          aria-pressed={finding.verdict === 'accepted'}
          onClick={(event) => {
            event.stopPropagation();
            toggle('accepted');
          }}
        >
          <Check aria-hidden />
        </button>
        <button
          type="button"
          tabIndex={-1}
          className="verdict verdict-reject"
          aria-label={words.findings.reject}
          aria-pressed={finding.verdict === 'rejected'}
          onClick={(event) => {
            event.stopPropagation();
            toggle('rejected');
          }}
        >
          <X aria-hidden />
        </button>
      </div>
    </div>
  );
});
