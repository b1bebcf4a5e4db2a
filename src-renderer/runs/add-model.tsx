/** Adds a model from a file. */
import { FilePlus2 } from 'lucide-react';
import { CommandAction } from '../app/command-action.tsx';
import { words } from '../words/words.ts';

export function AddModelButton() {
  return (
    <CommandAction id="add-model" size="small">
      <FilePlus2 aria-hidden />
      {words.runs.addAModelFromAFile}
    </CommandAction>
  );
}
