/** Marks the square of an area with the most findings as an annotation, and goes there. */
import { addAnnotation } from '../annotations/annotation-actions.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { useView } from '../state/view-store.ts';
import { quantity } from '../ui/format.ts';
import { countedCentres, hotspotSize } from './hotspot.ts';
import { searchHotspot } from './hotspot-search.ts';
import { words } from '../words/words.ts';

/** Yellow, which stained tissue has not. */
const hotspotClass = { name: 'Hotspot', color: [240, 228, 66] } as const;

/** @param area in the image's unit of area; the usual one where left out */
export async function markHotspot(controller: Controller, area?: number): Promise<void> {
  try {
    await searchAndMark(controller, area);
  } catch (error) {
    notifyError(words.findings.theDensestPlaceWasNotFound, plainErrorOf(error));
  }
}

async function searchAndMark(controller: Controller, area?: number): Promise<void> {
  const state = useCase.getState();
  const { findings, caseView } = state;
  const image = caseView?.image ?? null;
  const usual = image === null ? null : hotspotSize(image, selectedRun(state)?.parameters.mpp);
  if (findings === null || image === null || usual === null) return;
  const { threshold, fly } = useView.getState();
  const size = { ...usual, area: area ?? usual.area };
  const found = await searchHotspot({
    centres: countedCentres(findings, threshold),
    image: { width: image.width, height: image.height },
    area: size.area,
    pixel: size.pixel,
  });
  if (found === undefined) return;
  if (found === null) {
    useApp.getState().notify({
      tone: 'info',
      title: words.findings.nothingToMark,
      detail: words.findings.noFindingCountsFromThisThresholdOn,
    });
    return;
  }
  const { rect } = found;
  const covered = rect.width * rect.height * size.pixel.width * size.pixel.height;
  void addAnnotation(
    controller,
    'rectangle',
    [
      [rect.x, rect.y],
      [rect.x + rect.width, rect.y + rect.height],
    ],
    { ...hotspotClass, label: words.findings.per(quantity(found.count / covered), size.unit) },
  );
  fly(rect);
}
