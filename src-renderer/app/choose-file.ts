/** Lets a person choose a file, or a folder that is opened as one image: the system's dialog where there is one, else the served folders. */
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp, type Locating } from '../state/app-store.ts';
import type { Controller } from '../state/controller.ts';
import { words } from '../words/words.ts';

export async function chooseFile(controller: Controller, kind: 'image' | 'folder'): Promise<void> {
  const { info, setDialog } = useApp.getState();
  if (info?.picker !== 'native') {
    setDialog('browse');
    return;
  }
  try {
    const [file] = await controller.connection.api.files.pick({ kind });
    if (file !== undefined) await controller.openFile(file.id, file.name);
  } catch (error) {
    notifyError(words.app.theOpenDialogFailed, plainErrorOf(error));
  }
}

/** Where the image of a case is now: by the same dialogs. */
export async function chooseImageOf(controller: Controller, locating: Locating): Promise<void> {
  if (useApp.getState().info?.picker !== 'native') {
    useApp.setState({ dialog: 'browse', locating });
    return;
  }
  try {
    const [file] = await controller.connection.api.files.pick({ kind: 'image' });
    if (file !== undefined) await controller.locateImage(locating, file.id, file.name);
  } catch (error) {
    notifyError(words.app.theOpenDialogFailed, plainErrorOf(error));
  }
}
