/** How many workers are at a run that goes on; more or fewer at any time, nothing is computed twice for it. */
import { Minus, Plus } from 'lucide-react';
import { useId } from 'react';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useCase } from '../state/case-store.ts';
import { IconButton } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import { words } from '../words/words.ts';

export function WorkersControl({ run }: { run: RunView }) {
  const controller = useController();
  const workers = useCase((state) => state.live?.workers);
  const title = useId();
  if (run.state !== 'running' || workers === undefined) return null;
  const { now, most } = workers;
  // The answer to a click is here before the next event.
  const wanted = run.parameters.workers ?? workers.wanted;
  const isShort = wanted === workers.wanted && now < wanted;
  const change = (to: number) => void controller.setWorkers(to);
  return (
    <section className="workers" role="group" aria-labelledby={title}>
      <h2 className="section-title" id={title}>
        {words.runs.workers}
      </h2>
      {isShort && <span className="workers-note">{words.runs.atWorkBesideOtherRuns(count(now))}</span>}
      <div className="workers-steps">
        <IconButton
          label={words.runs.oneWorkerFewer}
          size="small"
          disabled={wanted <= 1}
          onClick={() => change(wanted - 1)}
        >
          <Minus aria-hidden />
        </IconButton>
        <output className="numeric" aria-labelledby={title}>
          {count(wanted)}
        </output>
        <IconButton
          label={words.runs.oneWorkerMore}
          size="small"
          disabled={wanted >= most}
          onClick={() => change(wanted + 1)}
        >
          <Plus aria-hidden />
        </IconButton>
      </div>
    </section>
  );
}
