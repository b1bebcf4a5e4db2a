/** On the home screen: whose work analysing tiles is. */
import { Server } from 'lucide-react';
import { useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';

export function HomeMachines() {
  const queue = useApp((state) => state.info?.queue ?? null);
  const setDialog = useApp((state) => state.setDialog);
  return (
    <section aria-label="Machines">
      <div className="section-head">
        <h2 className="section-title">Machines</h2>
        <Button size="small" onClick={() => setDialog('machines')}>
          <Server aria-hidden />
          {queue === null ? 'Use other machines' : 'Workers and runs'}
        </Button>
      </div>
      <p className="home-note">
        {queue === null
          ? 'Tiles are analysed on this machine.'
          : `Runs can be given to the workers of ${queue}`}
      </p>
    </section>
  );
}
