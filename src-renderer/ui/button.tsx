/** Buttons, with a tooltip where they show only an icon. */
import { Tooltip } from '@base-ui/react/tooltip';
import type { ComponentProps, ReactNode } from 'react';

type Tone = 'plain' | 'primary' | 'quiet' | 'danger';

interface ButtonProps extends ComponentProps<'button'> {
  tone?: Tone;
  size?: 'small' | 'normal' | 'large';
}

function classes(tone: Tone, size: string, extra: string | undefined): string {
  return [
    'button',
    tone === 'plain' ? '' : `button-${tone}`,
    size === 'normal' ? '' : `button-${size}`,
    extra ?? '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

export function Button({ tone = 'plain', size = 'normal', className, ...props }: ButtonProps) {
  return <button type="button" {...props} className={classes(tone, size, className)} />;
}

interface IconButtonProps extends Omit<ButtonProps, 'aria-label'> {
  label: string;
  /** Key that does the same, shown in the tooltip. */
  shortcut?: string;
  side?: 'top' | 'bottom' | 'left' | 'right';
  children: ReactNode;
}

export function IconButton({
  label,
  shortcut,
  side = 'bottom',
  tone = 'quiet',
  size = 'normal',
  className,
  disabled = false,
  children,
  ...props
}: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        // Of the tooltip alone: the button must be told by itself.
        disabled={disabled}
        render={<button type="button" disabled={disabled} />}
        aria-keyshortcuts={shortcut}
        {...props}
        aria-label={label}
        className={`${classes(tone, size, className)} icon-button`}
      >
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner className="positioner" side={side} sideOffset={8}>
          <Tooltip.Popup className="tooltip">
            {label}
            {shortcut !== undefined && <kbd>{shortcut}</kbd>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
