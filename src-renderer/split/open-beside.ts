/** Another file in the second view: chosen by the system's dialog where there is one, else in the served folders; or dropped there. */
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import type { Controller } from '../state/controller.ts';
import { showFile } from './split-actions.ts';
import { isSplit } from './split-store.ts';
import { words } from '../words/words.ts';

export async function chooseFileBeside(controller: Controller): Promise<void> {
  const { info, setDialog } = useApp.getState();
  if (info?.picker !== 'native') {
    setDialog('browse-beside');
    return;
  }
  try {
    const [file] = await controller.connection.api.files.pick({ kind: 'image' });
    if (file !== undefined) await showFile(controller, file.id, file.name);
  } catch (error) {
    notifyError(words.app.theOpenDialogFailed, plainErrorOf(error));
  }
}

/** Whether what happens at this place of the page means the second view. */
export function isBeside(target: EventTarget | null): boolean {
  return isSplit() && target instanceof Element && target.closest('.split-pane') !== null;
}
