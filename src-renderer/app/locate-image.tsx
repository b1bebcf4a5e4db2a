/** Where the image of a case is now: asked for when it was moved, changed, or its disk is away. */
import { LocateFixed } from 'lucide-react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { Locating } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { chooseImageOf } from './choose-file.ts';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

/** Errors that are mended by showing the image. */
export function isAboutImage({ code }: PlainError): boolean {
  return code === 'image-missing' || code === 'image-changed';
}

/** What is chosen there is the image of the case from then on. */
export function LocateButton({ locating }: { locating: Locating }) {
  const controller = useController();
  return (
    <Button size="small" onClick={() => void chooseImageOf(controller, locating)}>
      <LocateFixed aria-hidden />
      {words.app.locateTheImage}
    </Button>
  );
}
