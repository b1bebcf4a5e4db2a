/** Buttons that jump to a magnification. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { magnificationSteps, magnify } from './magnification-steps.ts';
import { words } from '../words/words.ts';

export function Magnifications({ image }: { image: Pick<ImageInfo, 'mpp' | 'geo'> }) {
  const steps = magnificationSteps(image);
  if (steps.length === 0) return null;
  return (
    <div className="magnifications" role="group" aria-label={words.viewer.magnification}>
      {steps.map((step) => (
        <button key={step.label} type="button" onClick={() => magnify(step)}>
          {step.label}
        </button>
      ))}
    </div>
  );
}
