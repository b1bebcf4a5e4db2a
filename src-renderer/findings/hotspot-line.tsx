/** That the densest square is looked for, while it takes a while. */
import { X } from 'lucide-react';
import { CommandAction } from '../app/command-action.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { useHotspotSearch } from './hotspot-search.ts';
import { words } from '../words/words.ts';

export function HotspotLine() {
  const isTold = useHotspotSearch((state) => state.isTold);
  if (!isTold) return null;
  return (
    <section className="writing-line" aria-label={words.findings.theDensestPlace}>
      <span role="status">{words.findings.lookingForTheDensestPlace}</span>
      <ProgressBar label={words.findings.lookingForTheDensestPlace} value={null} className="progress-busy" />
      <CommandAction id="cancel-hotspot" size="small" showsKey={false}>
        <X aria-hidden />
        {words.findings.cancelTheSearch}
      </CommandAction>
    </section>
  );
}
