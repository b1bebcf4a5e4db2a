/** What can be taken out of a run: a command for each format. */
import { exportFormats, exportFormatWords } from '../../../src-main/contract/export-formats.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { cancelWriting, useWriting } from '../../state/writing.ts';
import { words } from '../../words/words.ts';
import type { Command } from './command.ts';

const exportsOf: readonly Command[] = exportFormats.map((format) => {
  const { label } = exportFormatWords[format];
  return {
    id: `export-${format}`,
    label: words.app.exportAs(label),
    group: 'Run',
    keys: [],
    isEnabled: () => selectedRun(useCase.getState()) !== null,
    run: (controller) => controller.exportRun(format, label),
  };
});

export const exportCommands: readonly Command[] = [
  ...exportsOf,
  {
    id: 'cancel-writing',
    label: words.app.cancelWhatIsBeingWritten,
    group: 'Run',
    keys: [],
    isEnabled: () => useWriting.getState().items.length > 0,
    run: cancelWriting,
  },
];
