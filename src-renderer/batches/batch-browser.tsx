/** Picks images and folders for a batch, of the folders that the server was started with. */
import { Check, ChevronLeft, FileImage, Folder, FolderOpen, ListPlus, Plus } from 'lucide-react';
import { useState } from 'react';
import type { FileEntry } from '../../src-main/contract/api.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useApp } from '../state/app-store.ts';
import { useBatches } from '../state/batch-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { bytes } from '../ui/format.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { addFiles } from './batch-actions.ts';
import { words } from '../words/words.ts';

export function BatchBrowser() {
  const open = useApp((state) => state.dialog === 'browse-batch');
  const setDialog = useApp((state) => state.setDialog);
  const onClose = () => setDialog(null);
  const chosen = useBatches((state) => state.draft.length);
  return (
    <Dialog
      title={words.batches.addImages}
      open={open}
      wide
      onClose={onClose}
      footer={
        <>
          <span className="grow numeric" role="status">
            {words.batches.inTheBatch(words.counts.images(chosen))}
          </span>
          <Button tone="primary" onClick={onClose}>
            {words.batches.done}
          </Button>
        </>
      }
    >
      <Browser />
    </Dialog>
  );
}

function Browser() {
  const controller = useController();
  const [folderId, setFolderId] = useState<string | null>(null);
  const answer = useAnswer(folderId ?? 'roots', (signal) =>
    controller.connection.api.files.list({ folderId }, { signal }),
  );
  const listing = answer.stale ? null : answer.value;
  const shown = (listing?.entries ?? []).filter(({ kind }) => kind === 'folder' || kind === 'image');
  const images = shown.filter(({ kind }) => kind === 'image');
  return (
    <div className="browse">
      <div className="browse-head">
        <Button
          tone="quiet"
          size="small"
          disabled={folderId === null}
          onClick={() => setFolderId(listing?.parentId ?? null)}
        >
          <ChevronLeft aria-hidden />
          {words.batches.up}
        </Button>
        <span className="browse-name">{listing?.name ?? ''}</span>
        {images.length > 0 && (
          <Button
            size="small"
            onClick={() =>
              void addFiles(
                controller,
                images.map(({ id }) => id),
                listing?.name ?? '',
              )
            }
          >
            <ListPlus aria-hidden />
            {words.batches.addAll} {images.length}
          </Button>
        )}
      </div>
      <div className="browse-body">
        {answer.error !== null && !answer.stale ? (
          <ErrorNote title={words.batches.thisFolderCouldNotBeRead} error={answer.error} />
        ) : listing === null ? (
          <Skeleton rows={6} height={40} />
        ) : shown.length === 0 ? (
          <Empty icon={FolderOpen} title={words.batches.noImageHere}>
            <p>{words.batches.startTheServerWithTheFolder}</p>
          </Empty>
        ) : (
          <ul aria-label={listing.name}>
            {shown.map((entry) => (
              <Entry key={entry.id} entry={entry} onEnter={() => setFolderId(entry.id)} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function Entry({ entry, onEnter }: { entry: FileEntry; onEnter: () => void }) {
  const controller = useController();
  const added = useBatches((state) => state.draft.some(({ fileId }) => fileId === entry.id));
  const add = () => void addFiles(controller, [entry.id], entry.name);
  if (entry.kind === 'folder') {
    return (
      <li className="batch-browse-row">
        <button type="button" className="browse-entry" onClick={onEnter}>
          <Folder aria-hidden />
          <span className="browse-entry-name">{entry.name}</span>
        </button>
        <Button size="small" aria-label={words.batches.addAllImagesOf(entry.name)} onClick={add}>
          <ListPlus aria-hidden />
          {words.batches.addAll}
        </Button>
      </li>
    );
  }
  return (
    <li className="batch-browse-row">
      <button type="button" className="browse-entry" disabled={added} onClick={add}>
        <FileImage aria-hidden />
        <span className="browse-entry-name">{entry.name}</span>
        <span className="browse-entry-meta numeric">{entry.bytes === null ? '' : bytes(entry.bytes)}</span>
        {added ? <Check aria-label={words.batches.inTheBatchLower} /> : <Plus aria-hidden />}
      </button>
    </li>
  );
}
