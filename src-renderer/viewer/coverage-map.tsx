/** What was looked at, over the overview, and how much of the image that is. Kept in the case, for each reviewer. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import { closeLook } from '../../src-main/core/look-coverage.ts';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError } from '../state/app-store.ts';
import { isReadOnly, useCase } from '../state/case-store.ts';
import { reviewerName, usePreferences } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { CoverageLog } from './coverage-log.ts';
import { viewSignal } from './view-signal.ts';
import { words } from '../words/words.ts';

/** A look counts when the view has rested so long. */
const lookMs = 700;
/** Least and most of the veil over what was never seen, and over what was seen from afar. */
const veils = { never: 0.62, afar: 0.34 } as const;

interface CoverageMapProps {
  caseId: string;
  image: ImageInfo;
  /** What the view shows since it rests. */
  rest: Rect | null;
}

export function CoverageMap({ caseId, image, rest }: CoverageMapProps) {
  const controller = useController();
  const shown = useView((state) => state.showCoverage);
  const readOnly = useCase(isReadOnly);
  const reviewer = usePreferences(reviewerName);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [version, setVersion] = useState(0);
  const { width, height, mpp } = image;
  const log = useMemo(() => {
    // Once: the next looks are sent with it.
    const tell = once((error: unknown) =>
      notifyError(words.viewer.whatWasLookedAtCouldNotBeKept, plainErrorOf(error)),
    );
    return new CoverageLog({
      connection: controller.connection,
      caseId,
      image: { width, height },
      reviewer,
      isReadOnly: readOnly,
      onChange: () => setVersion((before) => before + 1),
      onProblem: tell,
    });
  }, [controller, caseId, width, height, reviewer, readOnly]);
  const { coverage } = log;

  useEffect(() => void log.load(), [log]);

  useEffect(() => {
    if (rest === null) return undefined;
    const timer = setTimeout(() => {
      const scale = viewSignal.value?.scale;
      if (scale !== undefined) log.add({ rect: rest, pixels: 1 / scale });
    }, lookMs);
    return () => clearTimeout(timer);
  }, [rest, log]);

  const close = closeLook(mpp);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context == null) return;
    const { columns, rows } = coverage;
    const picture = context.createImageData(columns, rows);
    for (let cell = 0; cell < columns * rows; cell++) {
      const pixels = coverage.at(cell % columns, Math.floor(cell / columns));
      const veil = pixels === null ? veils.never : pixels > close ? veils.afar : 0;
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
      <div className="coverage-share numeric" role="status" aria-label={words.viewer.coverage}>
        {words.viewer.seenAtOrCloser(Math.round(share * 100), mpp === null ? '1 : 4' : '10×')}
      </div>
    </>
  );
}

/** Calls only the first time. */
function once<T>(act: (value: T) => void): (value: T) => void {
  const state = { isDone: false };
  return (value) => {
    if (!state.isDone) act(value);
    state.isDone = true;
  };
}
