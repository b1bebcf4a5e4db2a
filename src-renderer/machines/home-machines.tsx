/** On the home screen: whose work analysing tiles is. */
import { Server } from 'lucide-react';
import { useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { words } from '../words/words.ts';

export function HomeMachines() {
  const queue = useApp((state) => state.info?.queue ?? null);
  const setDialog = useApp((state) => state.setDialog);
  return (
    <section aria-label={words.machines.machines}>
      <div className="section-head">
        <h2 className="section-title">{words.machines.machines}</h2>
        <Button size="small" onClick={() => setDialog('machines')}>
          <Server aria-hidden />
          {queue === null ? words.machines.toUseOtherMachines : words.machines.workersAndRuns}
        </Button>
      </div>
      <p className="home-note">
        {queue === null
          ? words.machines.tilesAreAnalysedOnThisMachineUpper
          : words.machines.runsCanBeGivenToTheWorkers(queue)}
      </p>
    </section>
  );
}
