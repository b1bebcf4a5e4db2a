/** What a command is. Keys, buttons, the palette and the sheet of keys all come from the same list of them. */
import type { Controller } from '../../state/controller.ts';

export const commandGroups = [
  'Findings',
  'View',
  'Annotations',
  'Run',
  'Batch',
  'Machines',
  'Window',
] as const;

/** One of the things that a command can be about. */
export interface Choice {
  id: string;
  label: string;
  hint?: string;
  run: () => void | Promise<void>;
}

/** What the screen can be about for a while: its own keys go before those of everything else then. */
export type Mode = 'drawing';

export interface Command {
  id: string;
  label: string;
  group: (typeof commandGroups)[number];
  /** Chords (./chord.ts) that run it, unless a person has chosen others. */
  keys: readonly string[];
  /** It is there in this mode only, and its keys mean nothing outside of it. */
  mode?: Mode;
  /** It changes the case: not where that can only be looked at. */
  writes?: true;
  /** Whether it can do something now; left out: always. */
  isEnabled?: () => boolean;
  /** What it begins, where that takes a while. */
  run: (controller: Controller) => void | Promise<void>;
  /** Of a command that has to be told about what (./asking.ts): what there is now. */
  choices?: (controller: Controller) => readonly Choice[] | Promise<readonly Choice[]>;
  /** Of a command that lasts as long as its key is held: the key was let go. */
  release?: () => void;
  /** Also while a person types. */
  whileTyping?: true;
}
