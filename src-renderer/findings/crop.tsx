/** A picture of a finding with its surroundings, and where in it the box lies. */
import { ImageOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Rect } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { cropRect, cropsOf } from './crop-store.ts';

interface CropProps {
  image: { id: string; width: number; height: number };
  box: Rect;
  /** CSS pixels. */
  size: number;
  least?: number;
  color: string;
}

export function Crop({ image, box, size, least, color }: CropProps) {
  const controller = useController();
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const rect = cropRect(box, image, least);
  const { x, y, width } = rect;
  useEffect(() => {
    let wanted = true;
    setFailed(false);
    cropsOf(controller.connection)
      .get(image.id, { x, y, width, height: width }, Math.round(size * Math.min(2, window.devicePixelRatio)))
      .then((next) => {
        if (wanted) setUrl(next);
      })
      .catch(() => {
        // A crop is a help to the eye: its place says that it is missing, the finding stays usable.
        if (wanted) setFailed(true);
      });
    return () => {
      wanted = false;
    };
  }, [controller, image.id, x, y, width, size]);
  const scale = size / width;
  return (
    <span className="crop" style={{ width: size, height: size }}>
      {failed ? (
        <ImageOff aria-label="No picture" />
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
