/** Commands that first ask about which of several things: the palette lists them. What the buttons of rows do is reached so by name. */
import { useApp } from '../../state/app-store.ts';
import type { Command } from './command.ts';

type Asking = Omit<Command, 'run' | 'keys'> & Required<Pick<Command, 'choices'>>;

export function asking(command: Asking): Command {
  return { ...command, keys: [], run: () => useApp.setState({ dialog: 'palette', asked: command.id }) };
}
