/** See chooseFile, for a component. */
import { useCallback } from 'react';
import { chooseFile } from './choose-file.ts';
import { useController } from './controller-context.ts';

export function useOpenFile(kind: 'image' | 'folder' = 'image'): () => Promise<void> {
  const controller = useController();
  return useCallback(() => chooseFile(controller, kind), [controller, kind]);
}
