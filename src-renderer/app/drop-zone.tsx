/** Files dropped anywhere on the window. On the web they are copied to the server first, with progress. */
import { Layers, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { addFiles, showNewBatch } from '../batches/batch-actions.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import type { Controller } from '../state/controller.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { isBeside } from '../split/open-beside.ts';
import { showFile } from '../split/split-actions.ts';
import { isSplit } from '../split/split-store.ts';
import { IconButton } from '../ui/button.tsx';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

export function DropZone() {
  const controller = useController();
  const upload = useApp((state) => state.upload);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      const [file] = files;
      const isForBatch = useApp.getState().screen.at === 'new-batch' && !isModel(file?.name ?? '');
      const isBatch = files.length > 1 || isForBatch;
      if (isBatch) void addDropped(controller, files);
      else if (file !== undefined) void openDropped(controller, file, isBeside(event.target));
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [controller]);

  return (
    <>
      {over && (
        <div className="drop-zone" aria-hidden>
          <div>
            <Layers />
            {isSplit() ? words.app.dropToOpenInTheSecondView : words.app.dropToOpen}
          </div>
        </div>
      )}
      {upload !== null && (
        <div className="upload" role="status" aria-label={words.app.copying(upload.name)}>
          <div className="upload-text">
            <strong>{upload.name}</strong>
            <span className="numeric">
              {upload.fraction === null
                ? words.app.opening
                : words.app.copyingToTheServer(Math.floor(upload.fraction * 100))}
            </span>
          </div>
          <IconButton label={words.app.cancelTheCopy} size="small" side="top" onClick={() => upload.cancel()}>
            <X aria-hidden />
          </IconButton>
          <div className="upload-bar">
            <div style={{ transform: `scaleX(${upload.fraction ?? 1})` }} />
          </div>
        </div>
      )}
    </>
  );
}

const isModel = (name: string): boolean => /\.onnx$/i.test(name);

/** Several files, or any while a batch is put together, are images of a batch. */
async function addDropped(controller: Controller, files: readonly File[]): Promise<void> {
  const cancelled = new AbortController();
  useApp.getState().upload?.cancel();
  const ids: string[] = [];
  try {
    const images = files.filter(({ name }) => !isModel(name));
    for (const [at, file] of images.entries()) {
      const name = files.length === 1 ? file.name : words.app.of(file.name, at + 1, files.length);
      const show = (fraction: number | null) =>
        useApp.setState({ upload: { name, fraction, cancel: () => cancelled.abort() } });
      show(controller.connection.kind === 'web' ? 0 : null);
      ids.push(await controller.connection.registerDrop(file, show, cancelled.signal));
    }
    useApp.setState({ upload: null });
    if (useApp.getState().screen.at !== 'new-batch') showNewBatch(controller);
    await addFiles(controller, ids, words.counts.files(files.length));
  } catch (error) {
    useApp.setState({ upload: null });
    if (!isAbort(error)) notifyError(words.app.theFilesCouldNotBeAdded, plainErrorOf(error));
  }
}

async function openDropped(controller: Controller, file: File, beside: boolean): Promise<void> {
  const cancelled = new AbortController();
  const show = (fraction: number | null) =>
    useApp.setState({ upload: { name: file.name, fraction, cancel: () => cancelled.abort() } });
  useApp.getState().upload?.cancel();
  show(controller.connection.kind === 'web' ? 0 : null);
  try {
    const fileId = await controller.connection.registerDrop(
      file,
      (fraction) => show(fraction < 1 ? fraction : null),
      cancelled.signal,
    );
    useApp.setState({ upload: null });
    if (isModel(file.name)) await controller.addModel(fileId, file.name);
    else if (beside) await showFile(controller, fileId, file.name);
    else await controller.openFile(fileId, file.name);
  } catch (error) {
    useApp.setState({ upload: null });
    if (!isAbort(error)) notifyError(words.app.couldNotBeOpened(file.name), plainErrorOf(error));
  }
}
