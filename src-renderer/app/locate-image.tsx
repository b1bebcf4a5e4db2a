/** Where the image of a case is now: asked for when it was moved, changed, or its disk is away. */
import { LocateFixed } from 'lucide-react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp, type Locating } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

/** Errors that are mended by showing the image. */
export function isAboutImage({ code }: PlainError): boolean {
  return code === 'image-missing' || code === 'image-changed';
}

/** Opens the system's dialog, or the served folders; what is chosen there is the image of the case from then on. */
export function LocateButton({ locating }: { locating: Locating }) {
  const controller = useController();
  const info = useApp((state) => state.info);
  const locate = async (): Promise<void> => {
    if (info?.picker !== 'native') {
      useApp.setState({ dialog: 'browse', locating });
      return;
    }
    try {
      const [file] = await controller.connection.api.files.pick({ kind: 'image' });
      if (file !== undefined) await controller.locateImage(locating, file.id, file.name);
    } catch (error) {
      notifyError(words.app.theOpenDialogFailed, plainErrorOf(error));
    }
  };
  return (
    <Button size="small" onClick={() => void locate()}>
      <LocateFixed aria-hidden />
      {words.app.locateTheImage}
    </Button>
  );
}
