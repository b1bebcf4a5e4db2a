/** What the whole window shows: which screen, the link to the engine, notices, dialogs. */
import { create } from 'zustand';
import type { AppInfo } from '../../src-main/contract/api.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { LinkState } from '../client/connection.ts';

export interface Notice {
  id: number;
  tone: 'info' | 'success' | 'error';
  title: string;
  detail: string | null;
  /** A file to download, for the web shell. */
  href: string | null;
}

export type Screen = { at: 'home' } | { at: 'opening'; name: string } | { at: 'case' };
export type DialogName = 'doctor' | 'settings' | 'browse' | 'keys' | null;

export interface Upload {
  name: string;
  /** 0-1; null where it is not known. */
  fraction: number | null;
  cancel: () => void;
}

interface AppState {
  link: LinkState;
  info: AppInfo | null;
  screen: Screen;
  /** Why the last file could not be opened; shown on the home screen until the next try. */
  openError: { name: string; error: PlainError } | null;
  upload: Upload | null;
  notices: Notice[];
  dialog: DialogName;
  setDialog: (dialog: DialogName) => void;
  notify: (notice: Omit<Notice, 'id' | 'detail' | 'href'> & Partial<Pick<Notice, 'detail' | 'href'>>) => void;
  dismiss: (id: number) => void;
}

let nextNotice = 1;

export const useApp = create<AppState>()((set) => ({
  link: 'connecting',
  info: null,
  screen: { at: 'home' },
  openError: null,
  upload: null,
  notices: [],
  dialog: null,
  setDialog: (dialog) => set({ dialog }),
  notify: (notice) =>
    set((state) => ({
      notices: [...state.notices.slice(-3), { detail: null, href: null, ...notice, id: nextNotice++ }],
    })),
  dismiss: (id) => set((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
}));

/** Tells a person of a failure that no part of the screen shows by itself. */
export function notifyError(title: string, error: PlainError): void {
  const parts = [error.message, error.where, error.hint].filter((part) => part !== undefined && part !== '');
  useApp.getState().notify({ tone: 'error', title, detail: parts.join(' — ') });
}
