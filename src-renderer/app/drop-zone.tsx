/** Files dropped anywhere on the window. On the web they are copied to the server first, with progress. */
import { Layers, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import type { Controller } from '../state/controller.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { IconButton } from '../ui/button.tsx';
import { useController } from './controller-context.ts';

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
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void openDropped(controller, file);
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
            Drop to open
          </div>
        </div>
      )}
      {upload !== null && (
        <div className="upload" role="status" aria-label={`Copying ${upload.name}`}>
          <div className="upload-text">
            <strong>{upload.name}</strong>
            <span className="numeric">
              {upload.fraction === null
                ? 'Opening…'
                : `Copying to the server, ${Math.floor(upload.fraction * 100)} %`}
            </span>
          </div>
          <IconButton label="Cancel the copy" size="small" side="top" onClick={() => upload.cancel()}>
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

async function openDropped(controller: Controller, file: File): Promise<void> {
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
    if (/\.onnx$/i.test(file.name)) await controller.addModel(fileId, file.name);
    else await controller.openFile(fileId, file.name);
  } catch (error) {
    useApp.setState({ upload: null });
    if (!isAbort(error)) notifyError(`${file.name} could not be opened`, plainErrorOf(error));
  }
}
