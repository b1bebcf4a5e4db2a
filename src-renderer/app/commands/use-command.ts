/** A command for a button: its name, its key as it is bound now, and whether it can do something. */
import { useCompare } from '../../compare/compare-store.ts';
import { useSplit } from '../../split/split-store.ts';
import { useAnnotations } from '../../state/annotation-store.ts';
import { useBatches } from '../../state/batch-store.ts';
import { useCase } from '../../state/case-store.ts';
import { usePreferences } from '../../state/preferences.ts';
import { useView } from '../../state/view-store.ts';
import { useController } from '../controller-context.ts';
import { commandOf, isUsable, keysOf } from './registry.ts';

export interface CommandUse {
  label: string;
  /** The first chord, if any. */
  chord: string | undefined;
  isUsable: boolean;
  run: () => void | Promise<void>;
}

export function useCommand(id: string): CommandUse {
  const controller = useController();
  const command = commandOf(id);
  const choices = usePreferences((state) => state.keys);
  // What a command goes by is in these stores.
  const byView = useView(() => isUsable(command));
  const byCase = useCase(() => isUsable(command));
  const byAnnotations = useAnnotations(() => isUsable(command));
  const byBatch = useBatches(() => isUsable(command));
  const bySplit = useSplit(() => isUsable(command));
  const byComparison = useCompare(() => isUsable(command));
  return {
    label: command.label,
    chord: keysOf(command, choices)[0],
    isUsable: byView && byCase && byAnnotations && byBatch && bySplit && byComparison,
    run: () => command.run(controller),
  };
}
