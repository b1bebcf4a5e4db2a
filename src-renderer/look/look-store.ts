/** How the open image is shown. Remembered by the image's fingerprint in this browser: it is a preference, no data of a case. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { encodeLook, parseLook } from '../../src-main/contract/look.ts';
import type { DisplayLook } from '../../src-main/contract/look.ts';

/** Images whose look is remembered; the ones that were changed longest ago are forgotten. */
const mostRemembered = 200;

interface LookState {
  /** Fingerprint to encoded look, in the order in which they were set. */
  remembered: Record<string, string>;
  panelOpen: boolean;
  /** null: as the image is shown by default. */
  setLook: (fingerprint: string, look: DisplayLook | null) => void;
  setPanelOpen: (open: boolean) => void;
}

export const useLook = create<LookState>()(
  persist(
    (set) => ({
      remembered: {},
      panelOpen: false,
      setLook: (fingerprint, look) =>
        set(({ remembered }) => {
          const others = Object.entries(remembered).filter(([key]) => key !== fingerprint);
          const own: [string, string][] = look === null ? [] : [[fingerprint, encodeLook(look)]];
          return { remembered: Object.fromEntries([...others, ...own].slice(-mostRemembered)) };
        }),
      setPanelOpen: (panelOpen) => set({ panelOpen }),
    }),
    { name: 'gigatile.looks', version: 1, partialize: ({ remembered }) => ({ remembered }) },
  ),
);

const parsed = new Map<string, DisplayLook | null>();

/** The same object for the same text. null where nothing is remembered, or nothing that this version understands. */
export function rememberedLook(
  state: Pick<LookState, 'remembered'>,
  fingerprint: string,
): DisplayLook | null {
  const text = state.remembered[fingerprint];
  if (text === undefined) return null;
  const known = parsed.get(text);
  if (known !== undefined) return known;
  let look: DisplayLook | null;
  try {
    look = parseLook(text);
  } catch {
    // Written by another version: the default look is as good.
    look = null;
  }
  if (parsed.size > mostRemembered) parsed.clear();
  parsed.set(text, look);
  return look;
}

/** The look of the image in a component. */
export function useLookOf(image: { fingerprint: string }): DisplayLook | null {
  return useLook((state) => rememberedLook(state, image.fingerprint));
}
