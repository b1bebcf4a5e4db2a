/** Adds a model from a file: the system's dialog where there is one, the served folders otherwise. */
import { FilePlus2 } from 'lucide-react';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { words } from '../words/words.ts';

export function AddModelButton() {
  const controller = useController();
  const picker = useApp((state) => state.info?.picker);
  const add = async (): Promise<void> => {
    if (picker !== 'native') {
      useApp.setState({ dialog: 'browse-model' });
      return;
    }
    try {
      const [file] = await controller.connection.api.files.pick({ kind: 'model' });
      if (file !== undefined) await controller.addModel(file.id, file.name);
    } catch (error) {
      notifyError(words.runs.theOpenDialogFailed, plainErrorOf(error));
    }
  };
  return (
    <Button size="small" onClick={() => void add()}>
      <FilePlus2 aria-hidden />
      {words.runs.addAModelFromAFile}
    </Button>
  );
}
