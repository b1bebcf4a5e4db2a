/** What opens and closes in its place: a line with a chevron, and what it shows. What is closed is not in the page. */
import { Collapsible } from '@base-ui/react/collapsible';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';

interface DisclosureProps {
  label: string;
  /** Of the line. */
  className?: string;
  /** Of what it shows. */
  bodyClassName?: string;
  children: ReactNode;
}

export function Disclosure({ label, className, bodyClassName, children }: DisclosureProps) {
  return (
    // Line and body stand in the layout around them, each by itself.
    <Collapsible.Root className="contents">
      <DisclosureTrigger {...(className !== undefined && { className })}>{label}</DisclosureTrigger>
      <Collapsible.Panel {...(bodyClassName !== undefined && { className: bodyClassName })}>
        {children}
      </Collapsible.Panel>
    </Collapsible.Root>
  );
}

/** The line alone, for a body that stands elsewhere in the same `Collapsible.Root`. */
export function DisclosureTrigger({ className, children, ...props }: Collapsible.Trigger.Props) {
  return (
    <Collapsible.Trigger
      {...props}
      className={`disclosure ${typeof className === 'string' ? className : ''}`}
    >
      <ChevronDown aria-hidden />
      {children}
    </Collapsible.Trigger>
  );
}
