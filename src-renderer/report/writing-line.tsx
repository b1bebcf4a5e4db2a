/** What the engine writes for this window now: exports and copies of large cases take a while. */
import { X } from 'lucide-react';
import { CommandAction } from '../app/command-action.tsx';
import { useWriting } from '../state/writing.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { words } from '../words/words.ts';

export function WritingLine() {
  const items = useWriting((state) => state.items);
  if (items.length === 0) return null;
  const label = words.report.beingWritten(items.map((item) => item.label).join(', '));
  return (
    <section className="writing-line" aria-label={words.report.writing}>
      <span role="status">{label}</span>
      <ProgressBar label={label} value={null} className="progress-busy" />
      <CommandAction id="cancel-writing" size="small" showsKey={false}>
        <X aria-hidden />
        {words.report.cancelWriting}
      </CommandAction>
    </section>
  );
}
