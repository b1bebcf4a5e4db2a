/** How many workers are at a run that goes on; more or fewer at any time, nothing is computed twice for it. */
import { Minus, Plus } from 'lucide-react';
import { useId } from 'react';
import type { RunView } from '../../src-main/contract/run.ts';
import { CommandButton } from '../app/command-button.tsx';
import { useCase } from '../state/case-store.ts';
import { count } from '../ui/format.ts';
import { words } from '../words/words.ts';

export function WorkersControl({ run }: { run: RunView }) {
  const workers = useCase((state) => state.live?.workers);
  const title = useId();
  if (run.state !== 'running' || workers === undefined) return null;
  const { now } = workers;
  // The answer to a click is here before the next event.
  const wanted = run.parameters.workers ?? workers.wanted;
  const isShort = wanted === workers.wanted && now < wanted;
  return (
    <section className="workers" role="group" aria-labelledby={title}>
      <h2 className="section-title" id={title}>
        {words.runs.workers}
      </h2>
      {isShort && <span className="workers-note">{words.runs.atWorkBesideOtherRuns(count(now))}</span>}
      <div className="workers-steps">
        <CommandButton id="workers-fewer" label={words.runs.oneWorkerFewer} size="small">
          <Minus aria-hidden />
        </CommandButton>
        <output className="numeric" aria-labelledby={title}>
          {count(wanted)}
        </output>
        <CommandButton id="workers-more" label={words.runs.oneWorkerMore} size="small">
          <Plus aria-hidden />
        </CommandButton>
      </div>
    </section>
  );
}
