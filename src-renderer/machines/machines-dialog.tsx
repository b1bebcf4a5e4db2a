/** The machines of a queue: what they do, how far its runs are, and what can be done with them. */
import { Settings2, Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FleetEvent, QueueSetting } from '../../src-main/contract/fleet.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { useFleet } from '../state/fleet-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { followFleet, leaveQueue } from './fleet-actions.ts';
import { FleetRuns } from './fleet-runs.tsx';
import { FleetWorkers } from './fleet-workers.tsx';
import { headline, staleLine } from './fleet-words.ts';
import { QueueForm } from './queue-form.tsx';
import { words } from '../words/words.ts';

export function MachinesDialog() {
  const open = useApp((state) => state.dialog === 'machines');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title={words.machines.machines} open={open} wide onClose={() => setDialog(null)}>
      <Machines />
    </Dialog>
  );
}

function Machines() {
  const controller = useController();
  const link = useApp((state) => state.link);
  const { setting, settingError, event } = useFleet();
  const [changing, setChanging] = useState(false);
  useEffect(() => {
    if (link !== 'open') return undefined;
    const ended = new AbortController();
    void followFleet(controller, ended.signal);
    return () => ended.abort();
  }, [controller, link]);
  if (settingError !== null)
    return <ErrorNote title={words.machines.theMachinesCannotBeFollowed} error={settingError} />;
  if (setting === null) return <Skeleton rows={4} height={44} />;
  return (
    <div className="machines">
      <Queue setting={setting} changing={changing} onChange={setChanging} />
      {changing || setting.queue === null
        ? setting.fixedBy === null && (
            <QueueForm
              setting={setting}
              onTaken={() => setChanging(false)}
              {...(setting.queue !== null && { onCancel: () => setChanging(false) })}
            />
          )
        : event?.queue === setting.queue && <Fleet event={event} />}
    </div>
  );
}

interface QueueProps {
  setting: QueueSetting;
  changing: boolean;
  onChange: (changing: boolean) => void;
}

function Queue({ setting, changing, onChange }: QueueProps) {
  const controller = useController();
  const [busy, setBusy] = useState(false);
  if (setting.queue === null) {
    return <p className="machines-note">{words.machines.tilesAreAnalysedOnThisMachine}</p>;
  }
  return (
    <div className="machines-queue">
      <code>{setting.queue}</code>
      {setting.fixedBy !== null ? (
        <span className="field-hint">{setting.fixedBy}</span>
      ) : (
        !changing && (
          <>
            <Button size="small" onClick={() => onChange(true)}>
              <Settings2 aria-hidden />
              {words.machines.change}
            </Button>
            <Button
              size="small"
              tone="quiet"
              disabled={busy}
              onClick={() => {
                setBusy(true);
                void leaveQueue(controller).finally(() => setBusy(false));
              }}
            >
              <Unplug aria-hidden />
              {words.machines.toUseThisMachineOnly}
            </Button>
          </>
        )
      )}
    </div>
  );
}

function Fleet({ event }: { event: FleetEvent }) {
  const { view, problem } = event;
  return (
    <>
      {problem !== null && (
        <ErrorNote title={words.machines.theQueueDoesNotAnswer} error={problem}>
          <div className="error-note-hint">{staleLine(event)}</div>
        </ErrorNote>
      )}
      {view === null ? (
        problem === null && <Skeleton rows={4} height={44} />
      ) : (
        <>
          {/* Of a server that is away, nothing is claimed of now. */}
          <strong role="status">{problem === null ? headline(view) : words.machines.asItWasLastHeard}</strong>
          <FleetRuns view={view} canAct={problem === null} />
          <FleetWorkers view={view} />
        </>
      )}
    </>
  );
}
