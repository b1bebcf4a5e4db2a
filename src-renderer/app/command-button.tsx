/** An icon button that runs a command: named and keyed as the registry says. */
import type { ReactNode } from 'react';
import { IconButton } from '../ui/button.tsx';
import { ariaChord, shownChord } from './commands/chord.ts';
import { useCommand } from './commands/use-command.ts';

interface CommandButtonProps {
  id: string;
  /** Another name than the command's, where the place makes it clear. */
  label?: string;
  side?: 'top' | 'bottom' | 'left' | 'right';
  /** Of a command that switches something: whether it is on. */
  pressed?: boolean;
  size?: 'small';
  className?: string;
  children: ReactNode;
}

export function CommandButton({ id, label, side, pressed, children, ...look }: CommandButtonProps) {
  const command = useCommand(id);
  return (
    <IconButton
      label={label ?? command.label}
      {...(command.chord !== undefined && {
        shortcut: shownChord(command.chord),
        'aria-keyshortcuts': ariaChord(command.chord),
      })}
      {...(side !== undefined && { side })}
      {...look}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      disabled={!command.isUsable}
      onClick={() => void command.run()}
    >
      {children}
    </IconButton>
  );
}
