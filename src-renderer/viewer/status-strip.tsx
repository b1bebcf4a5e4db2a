/** Scale bar, zoom and place, written straight to the page with each frame. */
import { useEffect, useRef } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { formatPlace, formatZoom, scaleBar } from './scale-bar.ts';
import { viewSignal } from './view-signal.ts';

/** Longest scale bar, CSS pixels. */
const longestBar = 160;

export function StatusStrip({ image, stage }: { image: ImageInfo; stage: HTMLElement | null }) {
  const bar = useRef<HTMLDivElement>(null);
  const barLabel = useRef<HTMLSpanElement>(null);
  const zoom = useRef<HTMLSpanElement>(null);
  const place = useRef<HTMLSpanElement>(null);

  useEffect(
    () =>
      viewSignal.subscribe((view) => {
        if (view === null || bar.current === null || barLabel.current === null || zoom.current === null)
          return;
        const { width, label } = scaleBar(image, 1 / view.scale, longestBar);
        bar.current.style.width = `${width}px`;
        barLabel.current.textContent = label;
        zoom.current.textContent = formatZoom(image, 1 / view.scale);
      }),
    [image],
  );

  useEffect(() => {
    if (stage === null) return undefined;
    const onMove = (event: PointerEvent) => {
      const view = viewSignal.value;
      if (view === null || place.current === null) return;
      const area = stage.getBoundingClientRect();
      const x = (event.clientX - area.left - view.originX) / view.scale;
      const y = (event.clientY - area.top - view.originY) / view.scale;
      const inside = x >= 0 && y >= 0 && x < image.width && y < image.height;
      place.current.textContent = inside ? formatPlace(image, x, y) : '';
    };
    const onLeave = () => {
      if (place.current !== null) place.current.textContent = '';
    };
    stage.addEventListener('pointermove', onMove);
    stage.addEventListener('pointerleave', onLeave);
    return () => {
      stage.removeEventListener('pointermove', onMove);
      stage.removeEventListener('pointerleave', onLeave);
    };
  }, [image, stage]);

  return (
    <div className="status-strip numeric">
      <div className="scale-bar" role="img" aria-label="Scale bar">
        <span ref={barLabel} />
        <div ref={bar} className="scale-bar-line" />
      </div>
      <span ref={zoom} className="status-zoom" aria-label="Zoom" />
      <span ref={place} className="status-place" aria-label="Place under the pointer" />
    </div>
  );
}
