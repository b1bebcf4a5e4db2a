/** What can be done about a file that could not be opened. */
import { ArchiveRestore, Eye } from 'lucide-react';
import { useController } from '../app/controller-context.ts';
import { isAboutImage, LocateButton } from '../app/locate-image.tsx';
import type { OpenError } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { restoreCase } from './case-actions.ts';
import { words } from '../words/words.ts';

export function OpeningHelp({ failure: { name, fileId, error } }: { failure: OpenError }) {
  const controller = useController();
  if (isAboutImage(error)) return <LocateButton locating={{ caseFileId: fileId, name }} />;
  if (error.code === 'case-locked') {
    return (
      <Button size="small" onClick={() => void controller.openToLook(fileId, name)}>
        <Eye aria-hidden />
        {words.caseFile.lookAtItWithoutChangingIt}
      </Button>
    );
  }
  // Said by the store where a backup was found and read through.
  const hasBackup = error.code.startsWith('case-') && /backup .* is sound/.test(error.hint ?? '');
  if (!hasBackup) return null;
  return (
    <Button size="small" onClick={() => void restoreCase(controller, fileId, name)}>
      <ArchiveRestore aria-hidden />
      {words.caseFile.restoreTheBackup}
    </Button>
  );
}
