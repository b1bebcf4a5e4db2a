/** What was looked at, over the overview, and how much of the image that is. Kept in this browser, for each reviewer. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import { usePreferences } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { Coverage } from './coverage.ts';
import { viewSignal } from './view-signal.ts';

/** A look counts when the view has rested so long. */
const lookMs = 700;
/** By the convention that 40x is 0.25 µm per pixel, 10x is 1 µm; without a scale a quarter of the full resolution. */
const closeMicrometres = 1;
const closePixels = 4;
/** Least and most of the veil over what was never seen, and over what was seen from afar. */
const veils = { never: 0.62, afar: 0.34 } as const;

function storageKey(fingerprint: string, reviewer: string): string {
  return `gigatile.coverage ${fingerprint} ${reviewer.trim()}`;
}

interface CoverageMapProps {
  image: ImageInfo & { fingerprint: string };
  /** What the view shows since it rests. */
  rest: Rect | null;
}

export function CoverageMap({ image, rest }: CoverageMapProps) {
  const shown = useView((state) => state.showCoverage);
  const reviewer = usePreferences((state) => state.reviewer);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [version, setVersion] = useState(0);
  const { fingerprint, width, height, mpp } = image;
  const key = storageKey(fingerprint, reviewer);
  const coverage = useMemo(() => {
    const made = new Coverage({ width, height });
    const saved = localStorage.getItem(key);
    if (saved !== null) made.restore(saved);
    return made;
  }, [key, width, height]);

  useEffect(() => {
    if (rest === null) return undefined;
    const timer = setTimeout(() => {
      const scale = viewSignal.value?.scale;
      if (scale === undefined) return;
      coverage.add(rest, 1 / scale);
      localStorage.setItem(key, coverage.save());
      setVersion((before) => before + 1);
    }, lookMs);
    return () => clearTimeout(timer);
  }, [rest, coverage, key]);

  const close = mpp === null ? closePixels : closeMicrometres / mpp.x;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context == null) return;
    const { columns, rows } = coverage;
    const picture = context.createImageData(columns, rows);
    for (let cell = 0; cell < columns * rows; cell++) {
      const pixels = coverage.at(cell % columns, Math.floor(cell / columns));
      const veil = pixels === null ? veils.never : pixels > close * 1.1 ? veils.afar : 0;
      picture.data[cell * 4 + 3] = Math.round(veil * 255);
    }
    context.putImageData(picture, 0, 0);
    // The grid is one object that changes inside: the version says so. Hidden, there is no canvas.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [coverage, version, close, shown]);

  if (!shown) return null;
  const share = coverage.share(close);
  return (
    <>
      <div
        className="coverage"
        style={{
          aspectRatio: `${width} / ${height}`,
          width: `min(100%, calc(var(--overview-height) * ${width / height}))`,
        }}
        aria-hidden
      >
        <canvas ref={canvas} width={coverage.columns} height={coverage.rows} />
      </div>
      <div className="coverage-share numeric" role="status" aria-label="Coverage">
        {Math.round(share * 100)} % seen at {mpp === null ? '1 : 4' : '10×'} or closer
      </div>
    </>
  );
}
