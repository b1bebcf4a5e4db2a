/** Scale bar, zoom and place, written straight to the page with each frame. */
import { useEffect, useRef } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { toImage } from '../overlay/view-transform.ts';
import { Magnifications } from './magnifications.tsx';
import type { LonLatOf } from './projection.ts';
import { formatZoom, placeWords, scaleBar } from './scale-bar.ts';
import { viewSignal } from './view-signal.ts';
import { words } from '../words/words.ts';

/** Longest scale bar, CSS pixels. */
const longestBar = 160;

interface StatusStripProps {
  image: ImageInfo;
  stage: HTMLElement | null;
  lonLat: LonLatOf | null;
}

export function StatusStrip({ image, stage, lonLat }: StatusStripProps) {
  const bar = useRef<HTMLDivElement>(null);
  const barLabel = useRef<HTMLSpanElement>(null);
  const zoom = useRef<HTMLSpanElement>(null);
  const place = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    let shown: number | null = null;
    return viewSignal.subscribe((view) => {
      if (view === null || bar.current === null || barLabel.current === null || zoom.current === null) return;
      // Each frame of a pan has the same one: to write it again would have the page laid out again.
      if (view.scale === shown) return;
      shown = view.scale;
      const { width, label } = scaleBar(image, 1 / view.scale, longestBar);
      bar.current.style.width = `${width}px`;
      barLabel.current.textContent = label;
      zoom.current.textContent = formatZoom(image, 1 / view.scale);
    });
  }, [image]);

  useEffect(() => {
    if (stage === null) return undefined;
    let area = stage.getBoundingClientRect();
    const sizes = new ResizeObserver(() => {
      area = stage.getBoundingClientRect();
    });
    sizes.observe(stage);
    const onMove = (event: PointerEvent) => {
      const view = viewSignal.value;
      // With a button held the image goes along, and the place stays the same.
      if (view === null || place.current === null || event.buttons !== 0) return;
      const { x, y } = toImage(view, event.clientX - area.left, event.clientY - area.top);
      const inside = x >= 0 && y >= 0 && x < image.width && y < image.height;
      place.current.textContent = inside ? placeWords(image, x, y, lonLat) : '';
    };
    const onLeave = () => {
      if (place.current !== null) place.current.textContent = '';
    };
    stage.addEventListener('pointermove', onMove);
    stage.addEventListener('pointerleave', onLeave);
    return () => {
      sizes.disconnect();
      stage.removeEventListener('pointermove', onMove);
      stage.removeEventListener('pointerleave', onLeave);
    };
  }, [image, stage, lonLat]);

  return (
    <div className="status-strip numeric">
      <div className="scale-bar" role="img" aria-label={words.viewer.scaleBar}>
        <span ref={barLabel} />
        <div ref={bar} className="scale-bar-line" />
      </div>
      <Magnifications image={image} />
      <span ref={zoom} className="status-zoom" aria-label={words.viewer.zoom} />
      <span ref={place} className="status-place" aria-label={words.viewer.placeUnderThePointer} />
    </div>
  );
}
