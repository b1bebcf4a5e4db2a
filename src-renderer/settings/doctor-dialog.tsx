/** What works on this computer, and what to do about the rest. */
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useApp } from '../state/app-store.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { words } from '../words/words.ts';

export function DoctorDialog() {
  const open = useApp((state) => state.dialog === 'doctor');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title={words.settings.whatWorksHere} open={open} wide onClose={() => setDialog(null)}>
      <Checks />
    </Dialog>
  );
}

function Checks() {
  const controller = useController();
  const { value: checks, error } = useAnswer('doctor', (signal) =>
    controller.connection.api.app.doctor(undefined, { signal }),
  );
  if (error !== null) return <ErrorNote title={words.settings.theChecksCouldNotBeMade} error={error} />;
  if (checks === null) return <Skeleton rows={6} height={44} />;
  return (
    <ul className="doctor">
      {checks.map((check) => (
        <li key={check.name} className={check.ok ? 'doctor-ok' : 'doctor-bad'}>
          {check.ok ? (
            <CircleCheck aria-label={words.settings.works} />
          ) : (
            <CircleAlert aria-label={words.settings.doesNotWork} />
          )}
          <div>
            <div className="doctor-name">{check.name}</div>
            <div className="doctor-detail">{check.detail}</div>
            {check.hint !== null && <div className="doctor-hint">{check.hint}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}
