/** The drawing tools, as the registry of commands has them. */
import { Circle, Lasso, MapPin, Pentagon, Ruler, Square, type LucideIcon } from 'lucide-react';
import { CommandButton } from '../app/command-button.tsx';
import { drawingTools, useView, type DrawingTool } from '../state/view-store.ts';
import { words } from '../words/words.ts';

const icons: Record<DrawingTool, LucideIcon> = {
  rectangle: Square,
  ellipse: Circle,
  polygon: Pentagon,
  freehand: Lasso,
  point: MapPin,
  ruler: Ruler,
};

export function DrawingTools({ orientation }: { orientation: 'horizontal' | 'vertical' }) {
  const tool = useView((state) => state.tool);
  return (
    <div
      className={`tool-group tool-group-${orientation}`}
      role="group"
      aria-label={words.annotations.drawingTools}
    >
      {drawingTools.map((name) => {
        const Icon = icons[name];
        return (
          <CommandButton
            key={name}
            id={`draw-${name}`}
            side={orientation === 'vertical' ? 'right' : 'bottom'}
            pressed={tool === name}
          >
            <Icon aria-hidden />
          </CommandButton>
        );
      })}
    </div>
  );
}
