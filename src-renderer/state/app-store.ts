/** What the whole window shows: which screen, the link to the engine, notices, dialogs. */
import { create } from 'zustand';
import type { AppInfo } from '../../src-main/contract/api.ts';
import type { ModelDescription } from '../../src-main/contract/model-description.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { LinkState } from '../client/connection.ts';

export interface Notice {
  id: number;
  /** When it was told, in ISO 8601. */
  at: string;
  tone: 'info' | 'success' | 'error';
  title: string;
  detail: string | null;
  /** A file to download, for the web shell. */
  href: string | null;
}

export type Screen =
  | { at: 'home' }
  | { at: 'opening'; name: string }
  | { at: 'case' }
  | { at: 'new-batch' }
  | { at: 'batch'; batchId: string };
export type DialogName =
  | 'doctor'
  | 'licences'
  | 'settings'
  | 'browse'
  | 'browse-model'
  | 'browse-beside'
  | 'browse-batch'
  | 'keys'
  | 'palette'
  | 'go-to'
  | 'rerun'
  | 'report'
  | 'case'
  | 'machines'
  | 'problem'
  | 'notices'
  | null;

/** Whose image is asked for: of a case that is open, or of a case file that could not be opened without it. */
export type Locating = { caseId: string } | { caseFileId: string; name: string };

export interface Upload {
  name: string;
  /** 0-1; null where it is not known. */
  fraction: number | null;
  cancel: () => void;
}

export interface OpenError {
  name: string;
  fileId: string;
  error: PlainError;
}

interface AppState {
  link: LinkState;
  info: AppInfo | null;
  screen: Screen;
  /** Why the last file could not be opened; shown on the home screen until the next try. */
  openError: OpenError | null;
  /** The next file that is chosen is the image of this case. */
  locating: Locating | null;
  /** The next model file that is chosen is the model of the run that is looked at. */
  locatingModel: boolean;
  /** A model of which a person must say something, shown as a form. */
  modelForm: ModelDescription | null;
  /** The model that is chosen in the list: the id of a built-in one, or of the file of another. */
  chosenModel: string | null;
  upload: Upload | null;
  /** On the screen, or waiting for room there: told, and not yet closed. */
  notices: readonly Notice[];
  /** All that were told in this window, the last of them first: what was closed or has gone can be read again. */
  told: readonly Notice[];
  dialog: DialogName;
  /** The command for which the palette asks what it is about; null: the palette lists all commands. */
  asked: string | null;
  setDialog: (dialog: DialogName) => void;
  notify: (
    notice: Omit<Notice, 'id' | 'at' | 'detail' | 'href'> & Partial<Pick<Notice, 'detail' | 'href'>>,
  ) => void;
  dismiss: (id: number) => void;
  /** Lists all that were told; those on the screen are read there. */
  showNotices: () => void;
}

let nextNotice = 1;
/** As many are kept to be read again. */
const mostTold = 200;

export const useApp = create<AppState>()((set, get) => ({
  link: 'connecting',
  info: null,
  screen: { at: 'home' },
  openError: null,
  locating: null,
  locatingModel: false,
  modelForm: null,
  chosenModel: null,
  upload: null,
  notices: [],
  told: [],
  dialog: null,
  asked: null,
  setDialog: (dialog) => set({ dialog, asked: null, locating: null, locatingModel: false }),
  notify: (notice) =>
    set((state) => {
      const next: Notice = {
        detail: null,
        href: null,
        ...notice,
        id: nextNotice++,
        at: new Date().toISOString(),
      };
      return {
        // The same failure again comes to the front once more; it does not fill the screen.
        notices: [...state.notices.filter((other) => !isSame(other, next)), next],
        told: [next, ...state.told].slice(0, mostTold),
      };
    }),
  dismiss: (id) => set((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
  showNotices: () => {
    get().setDialog('notices');
    set({ notices: [] });
  },
}));

function isSame(a: Notice, b: Notice): boolean {
  return a.tone === b.tone && a.title === b.title && a.detail === b.detail && a.href === b.href;
}

/** Tells a person of a failure that no part of the screen shows by itself. */
export function notifyError(title: string, error: PlainError): void {
  const parts = [error.message, error.where, error.hint].filter((part) => part !== undefined && part !== '');
  useApp.getState().notify({ tone: 'error', title, detail: parts.join(' — ') });
}
