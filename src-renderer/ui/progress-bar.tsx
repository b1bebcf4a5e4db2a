/** How far something is, as a bar of one or more parts. */
import { Progress } from '@base-ui/react/progress';
import type { ReactNode } from 'react';

interface ProgressBarProps {
  label: string;
  /** null: it is not known how far. */
  value: number | null;
  max?: number;
  /** The value as it is told; without it, the percentage. */
  text?: string;
  className?: string;
  /** The parts, each as wide as its share. */
  children?: ReactNode;
}

export function ProgressBar({ label, value, max = 100, text, className = '', children }: ProgressBarProps) {
  return (
    <Progress.Root
      className={`progress ${className}`}
      aria-label={label}
      value={value}
      max={max}
      {...(text !== undefined && { getAriaValueText: () => text })}
    >
      {children}
    </Progress.Root>
  );
}
