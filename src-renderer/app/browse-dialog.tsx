/** Picks a file of the folders that the server was started with. */
import { ChevronLeft, FileImage, Folder, FolderOpen, Images, Layers } from 'lucide-react';
import { useState } from 'react';
import type { FileEntry } from '../../src-main/contract/api.ts';
import { locateModel } from '../case-file/case-actions.ts';
import { useAnswer } from '../client/use-answer.ts';
import { showFile } from '../split/split-actions.ts';
import { useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { bytes, moment } from '../ui/format.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

const icons = { folder: Folder, image: FileImage, case: Layers, model: FileImage } as const;

export function BrowseDialog() {
  const dialog = useApp((state) => state.dialog);
  const models = dialog === 'browse-model';
  const beside = dialog === 'browse-beside';
  const setDialog = useApp((state) => state.setDialog);
  const locating = useApp((state) => state.locating);
  const locatingModel = useApp((state) => state.locatingModel);
  const title = models
    ? locatingModel
      ? words.app.whereIsTheModelNow
      : words.app.addAModel
    : beside
      ? words.app.openBesideTheImage
      : locating === null
        ? words.app.openAnImageOrACase
        : words.app.whereIsTheImageNow;
  return (
    <Dialog title={title} open={models || beside || dialog === 'browse'} wide onClose={() => setDialog(null)}>
      <Browser models={models} beside={beside} />
    </Dialog>
  );
}

function Browser({ models, beside }: { models: boolean; beside: boolean }) {
  const controller = useController();
  const locatingModel = useApp((state) => state.locatingModel);
  const setDialog = useApp((state) => state.setDialog);
  const takeModel = ({ id, name }: FileEntry): Promise<void> => {
    setDialog(null);
    return locateModel(controller, id, name);
  };
  const open = (fileId: string, name: string): void => {
    if (!beside) {
      void controller.openFile(fileId, name);
      return;
    }
    setDialog(null);
    void showFile(controller, fileId, name);
  };
  const [folderId, setFolderId] = useState<string | null>(null);
  const answer = useAnswer(folderId ?? 'roots', (signal) =>
    controller.connection.api.files.list({ folderId }, { signal }),
  );
  const error = answer.stale ? null : answer.error;
  const listing = answer.stale ? null : answer.value;

  const shown = (listing?.entries ?? []).filter(
    (entry) => entry.kind === 'folder' || (entry.kind === 'model') === models,
  );
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
          {words.app.up}
        </Button>
        <span className="browse-name">{listing?.name ?? ''}</span>
        {listing?.asOne && !models && (
          <OpenAsOne
            files={listing.asOne.files}
            onOpen={() => open(listing.asOne?.fileId ?? '', listing.name)}
          />
        )}
      </div>
      <div className="browse-body">
        {error !== null ? (
          <ErrorNote title={words.app.thisFolderCouldNotBeRead} error={error} />
        ) : listing === null ? (
          <Skeleton rows={6} height={40} />
        ) : shown.length === 0 ? (
          <Empty icon={FolderOpen} title={models ? words.app.noModelHere : words.app.noImageHere}>
            <p>
              {models
                ? words.app.aModelIsAnOnnxFile
                : folderId === null
                  ? words.app.startTheServerWithTheFolder
                  : words.app.thisFolderHoldsNoImageThatCanBeOpened}
            </p>
          </Empty>
        ) : (
          <ul aria-label={listing.name}>
            {shown.map((entry) => (
              <Entry
                key={entry.id}
                entry={entry}
                onOpen={() => {
                  if (entry.kind === 'folder') setFolderId(entry.id);
                  else if (models && locatingModel) void takeModel(entry);
                  else if (models) void controller.addModel(entry.id, entry.name);
                  else open(entry.id, entry.name);
                }}
              />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** A set of pictures (frames of a video, a folder of fields) or a DICOM series is one image. */
function OpenAsOne({ files, onOpen }: { files: number; onOpen: () => void }) {
  return (
    <Button size="small" onClick={onOpen}>
      <Images aria-hidden />
      {words.app.openAll} {files} {words.app.asOneImage}
    </Button>
  );
}

function Entry({ entry, onOpen }: { entry: FileEntry; onOpen: () => void }) {
  const Icon = icons[entry.kind];
  return (
    <li>
      <button type="button" className="browse-entry" onClick={onOpen}>
        <Icon aria-hidden />
        <span className="browse-entry-name">{entry.name}</span>
        <span className="browse-entry-meta numeric">{entry.bytes === null ? '' : bytes(entry.bytes)}</span>
        <span className="browse-entry-meta numeric">
          {entry.modified === null ? '' : moment(entry.modified)}
        </span>
      </button>
    </li>
  );
}
