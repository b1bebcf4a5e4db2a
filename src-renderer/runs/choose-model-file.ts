/** A model of a person's own: the system's dialog where there is one, the served folders otherwise. */
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import type { Controller } from '../state/controller.ts';
import { words } from '../words/words.ts';

export async function chooseModelFile(controller: Controller): Promise<void> {
  if (useApp.getState().info?.picker !== 'native') {
    useApp.setState({ dialog: 'browse-model' });
    return;
  }
  try {
    const [file] = await controller.connection.api.files.pick({ kind: 'model' });
    if (file !== undefined) await controller.addModel(file.id, file.name);
  } catch (error) {
    notifyError(words.runs.theOpenDialogFailed, plainErrorOf(error));
  }
}
