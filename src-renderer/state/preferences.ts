/** What a person set once for these screens: theme and name. The only thing kept in the browser; it is no data of a case. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { words } from '../words/words.ts';

export const themes = ['dark', 'light', 'system'] as const;
export type Theme = (typeof themes)[number];

interface Preferences {
  theme: Theme;
  /** Written beside each decision. */
  reviewer: string;
  /** Width of the panel beside the image, CSS pixels. */
  panelWidth: number;
  /** Keys of commands where a person has chosen others than the default ones. */
  keys: Readonly<Record<string, readonly string[]>>;
  /** The first tour was gone through, or ended. */
  tourSeen: boolean;
  setTheme: (theme: Theme) => void;
  setReviewer: (reviewer: string) => void;
  setPanelWidth: (width: number) => void;
  setKeys: (keys: Readonly<Record<string, readonly string[]>>) => void;
  setTourSeen: (tourSeen: boolean) => void;
}

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: 'dark',
      reviewer: '',
      panelWidth: 384,
      keys: {},
      tourSeen: false,
      setTheme: (theme) => set({ theme }),
      setReviewer: (reviewer) => set({ reviewer }),
      setPanelWidth: (panelWidth) => set({ panelWidth }),
      setKeys: (keys) => set({ keys }),
      setTourSeen: (tourSeen) => set({ tourSeen }),
    }),
    { name: 'gigatile.preferences', version: 1 },
  ),
);

/** What decisions are signed with as long as nobody gave a name. */
export const unnamedReviewer = words.state.unnamedReviewer;

/** The name that decisions are signed with. */
export function reviewerName(): string {
  return usePreferences.getState().reviewer.trim() || unnamedReviewer;
}
