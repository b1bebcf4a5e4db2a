/** What Gigatile is, and the licences of the software in it. */
import { useAnswer } from '../client/use-answer.ts';
import { useApp } from '../state/app-store.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { words } from '../words/words.ts';

export function LicencesDialog() {
  const open = useApp((state) => state.dialog === 'licences');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title={words.settings.licences} open={open} wide onClose={() => setDialog(null)}>
      <Licences />
    </Dialog>
  );
}

/** Written beside the screens when they are built. */
async function readLicences(signal: AbortSignal): Promise<string> {
  const response = await fetch('./licences.txt', { signal });
  if (!response.ok) throw new Error(`licences.txt: ${response.status}`);
  return response.text();
}

function Licences() {
  const { value: text, error } = useAnswer('licences', readLicences);
  if (error !== null) return <ErrorNote title={words.settings.theLicencesCouldNotBeRead} error={error} />;
  if (text === null) return <Skeleton rows={8} height={24} />;
  return <pre className="licences">{text}</pre>;
}
