/** How the list of findings can be sorted, and narrowed by what was decided. */
import type { FindingSort, VerdictFilter } from '../state/view-store.ts';
import { words } from '../words/words.ts';

export const sorts: readonly { value: FindingSort; label: string; hint: string }[] = [
  { value: 'score', label: words.findings.scoreUpper, hint: words.findings.surestFirst },
  { value: 'uncertainty', label: words.findings.uncertainty, hint: words.findings.closestCallsFirst },
  { value: 'class', label: words.findings.class, hint: words.findings.inTheModelsOrder },
  { value: 'area', label: words.findings.area, hint: words.findings.largestFirst },
  { value: 'position', label: words.findings.position, hint: words.findings.tileByTileSoThatTheView },
];

export const filters: readonly { value: VerdictFilter; label: string; hint: string }[] = [
  { value: 'all', label: words.findings.all, hint: words.findings.whateverWasDecided },
  { value: 'undecided', label: words.findings.open, hint: words.findings.nothingDecidedYet },
  { value: 'accepted', label: words.findings.accepted, hint: '' },
  { value: 'rejected', label: words.findings.rejected, hint: '' },
  {
    value: 'relabelled',
    label: words.findings.relabelled,
    hint: words.findings.acceptedAsAnotherClassThanTheModels,
  },
  { value: 'noted', label: words.findings.withANote, hint: '' },
  { value: 'disagreed', label: words.findings.disagreed, hint: words.findings.reviewersDiffer },
];
