/**
 * Lets a person choose a file, or a folder that is opened as one image: the system's dialog where there is one, the served folders
 * otherwise.
 */
import { useCallback } from 'react';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useController } from './controller-context.ts';

export function useOpenFile(kind: 'image' | 'folder' = 'image'): () => Promise<void> {
  const controller = useController();
  return useCallback(async () => {
    const { info, setDialog } = useApp.getState();
    if (info?.picker !== 'native') {
      setDialog('browse');
      return;
    }
    try {
      const [file] = await controller.connection.api.files.pick({ kind });
      if (file !== undefined) await controller.openFile(file.id, file.name);
    } catch (error) {
      notifyError('The open dialog failed', plainErrorOf(error));
    }
  }, [controller, kind]);
}
