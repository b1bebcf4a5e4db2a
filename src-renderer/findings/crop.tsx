/** A picture of a finding with its surroundings, and where in it the box lies. */
import { ImageOff } from 'lucide-react';
import { useAnswer } from '../client/use-answer.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import { encodeLook } from '../../src-main/contract/look.ts';
import { useController } from '../app/controller-context.ts';
import { useLookOf } from '../look/look-store.ts';
import { cropRect, cropsOf } from './crop-store.ts';
import { words } from '../words/words.ts';

interface CropProps {
  image: { id: string; fingerprint: string; width: number; height: number };
  box: Rect;
  /** CSS pixels. */
  size: number;
  least?: number;
  color: string;
}

export function Crop({ image, box, size, least, color }: CropProps) {
  const controller = useController();
  const rect = cropRect(box, image, least);
  const { x, y, width } = rect;
  const pixels = Math.round(size * Math.min(2, window.devicePixelRatio));
  // A crop is a help to the eye: where it fails its place says so, and the finding stays usable.
  const look = useLookOf(image);
  const question = `${image.id} ${x} ${y} ${width} ${pixels} ${look === null ? '' : encodeLook(look)}`;
  const { value, error, stale } = useAnswer(question, () =>
    cropsOf(controller.connection).get(image.id, rect, pixels, look),
  );
  const url = stale ? null : value;
  const scale = size / width;
  return (
    <span className="crop" style={{ width: size, height: size }}>
      {error !== null ? (
        <ImageOff aria-label={words.findings.noPicture} />
      ) : (
        <>
          {url !== null && <img src={url} alt="" width={size} height={size} draggable={false} />}
          <span
            className="crop-box"
            style={{
              left: (box.x - x) * scale,
              top: (box.y - y) * scale,
              width: Math.max(3, box.width * scale),
              height: Math.max(3, box.height * scale),
              borderColor: color,
            }}
          />
        </>
      )}
    </span>
  );
}
