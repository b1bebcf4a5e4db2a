/** Keeping annotations: they show at once, and are taken back on the screen where they could not be stored. */
import type { Annotation, AnnotationView } from '../../src-main/contract/annotation.ts';
import { mostAnnotations } from '../../src-main/contract/annotation.ts';
import { annotationBounds } from '../../src-main/core/annotation-shapes.ts';
import { chooseLocalFile } from '../app/choose-local-file.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { acts, type AnnotationChange } from '../state/acts.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import {
  emptyAnnotations,
  selectedAnnotation,
  useAnnotations,
  type AnnotationClass,
} from '../state/annotation-store.ts';
import { useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { reviewerName } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { words } from '../words/words.ts';

/** What goes over the API of one: the engine knows the rest. */
function bare({ id, kind, points, holes, className, color, name }: Annotation): Annotation {
  return { id, kind, points, ...(holes !== undefined && { holes }), className, color, name };
}

export async function loadAnnotations(controller: Controller, caseId: string): Promise<void> {
  const { drawing } = useAnnotations.getState();
  acts.clear();
  useAnnotations.setState({ ...emptyAnnotations, drawing });
  try {
    const items = await controller.connection.api.annotations.list({ caseId });
    if (useCase.getState().caseView?.id === caseId) useAnnotations.setState({ items });
  } catch (error) {
    notifyError(words.annotations.theAnnotationsCouldNotBeRead, plainErrorOf(error));
  }
}

/** New ones and changed ones, which can be undone. Answers whether they are stored. */
export function keepAnnotations(
  controller: Controller,
  annotations: readonly Annotation[],
): Promise<boolean> {
  return acts.inTurn(() => keep(controller, annotations));
}

async function keep(controller: Controller, annotations: readonly Annotation[]): Promise<boolean> {
  const before = new Map(useAnnotations.getState().items.map((item) => [item.id, bare(item)]));
  if (!(await putAnnotations(controller, annotations))) return false;
  acts.record({
    kind: 'annotations',
    changes: annotations.map((after) => ({ before: before.get(after.id) ?? null, after: bare(after) })),
  });
  return true;
}

/** Makes it as it was, or will be again. Answers whether that is stored. */
export async function applyChanges(
  controller: Controller,
  changes: readonly AnnotationChange[],
): Promise<boolean> {
  const kept = changes.flatMap(({ after }) => (after === null ? [] : [after]));
  const gone = changes.flatMap(({ before, after }) => (after === null && before !== null ? [before.id] : []));
  if (kept.length > 0 && !(await putAnnotations(controller, kept))) return false;
  const isBack = new Set(kept.map(({ id }) => id));
  useAnnotations.setState(({ removed }) => ({ removed: removed.filter(({ id }) => !isBack.has(id)) }));
  return gone.length === 0 || dropAnnotations(controller, gone);
}

async function putAnnotations(controller: Controller, annotations: readonly Annotation[]): Promise<boolean> {
  const caseId = useCase.getState().caseView?.id;
  if (caseId === undefined || annotations.length === 0) return false;
  const before = useAnnotations.getState().items;
  const now = new Date().toISOString();
  const changed = new Map(annotations.map((annotation) => [annotation.id, annotation]));
  const foreseen: AnnotationView[] = before.map((item) => {
    const change = changed.get(item.id);
    return change === undefined ? item : { ...item, ...change };
  });
  const known = new Set(before.map(({ id }) => id));
  for (const annotation of annotations) {
    if (known.has(annotation.id)) continue;
    foreseen.push({ ...annotation, author: reviewerName(), createdAt: now, changedAt: now });
  }
  useAnnotations.setState({ items: foreseen });
  try {
    for (let at = 0; at < annotations.length; at += mostAnnotations) {
      const items = await controller.connection.api.annotations.put({
        caseId,
        annotations: annotations.slice(at, at + mostAnnotations).map(bare),
        author: reviewerName(),
      });
      if (useCase.getState().caseView?.id === caseId) takeAnswer(items);
    }
    return true;
  } catch (error) {
    useAnnotations.setState({ items: before });
    notifyError(words.annotations.theAnnotationCouldNotBeStored, plainErrorOf(error));
    return false;
  }
}

/** What the engine has now. Those that did not change stay the objects that they are, so that they are not drawn anew. */
function takeAnswer(items: readonly AnnotationView[]): void {
  useAnnotations.setState(({ items: before }) => {
    const known = new Map(before.map((item) => [item.id, item]));
    const same = (item: AnnotationView): AnnotationView | undefined => {
      const other = known.get(item.id);
      return other?.changedAt === item.changedAt ? other : undefined;
    };
    return { items: items.map((item) => same(item) ?? item) };
  });
}

export function removeAnnotation(controller: Controller, id: string): Promise<void> {
  return acts.inTurn(() => remove(controller, id));
}

async function remove(controller: Controller, id: string): Promise<void> {
  const gone = useAnnotations.getState().items.filter((item) => item.id === id);
  if (!(await dropAnnotations(controller, [id]))) return;
  acts.record({
    kind: 'annotations',
    changes: gone.map((annotation) => ({ before: bare(annotation), after: null })),
  });
}

async function dropAnnotations(controller: Controller, ids: readonly string[]): Promise<boolean> {
  const caseId = useCase.getState().caseView?.id;
  const before = useAnnotations.getState();
  const gone = before.items.filter((item) => ids.includes(item.id));
  if (caseId === undefined || gone.length === 0) return false;
  useAnnotations.setState({
    items: before.items.filter((item) => !ids.includes(item.id)),
    selected: null,
    removed: gone.map(bare),
  });
  try {
    const items = await controller.connection.api.annotations.remove({
      caseId,
      ids: [...ids],
      author: reviewerName(),
    });
    takeAnswer(items);
    return true;
  } catch (error) {
    useAnnotations.setState({
      items: before.items,
      selected: before.selected,
      removed: before.removed,
    });
    notifyError(words.annotations.theAnnotationCouldNotBeRemoved, plainErrorOf(error));
    return false;
  }
}

export async function restoreAnnotation(controller: Controller): Promise<void> {
  const { removed } = useAnnotations.getState();
  if (await keepAnnotations(controller, removed)) {
    useAnnotations.setState({ removed: [], selected: removed[0]?.id ?? null });
  }
}

/** Selects it and goes there, unless it can be seen where the view is. */
export function showAnnotation(id: string): void {
  useAnnotations.setState({ selected: id });
  const annotation = selectedAnnotation(useAnnotations.getState());
  if (annotation === null) return;
  const bounds = annotationBounds(annotation);
  if (currentViewer()?.isInSight(bounds) !== true) useView.getState().fly(bounds);
}

/** Draws what is on the screen now as a rectangle: a way to make a region without a pointer. */
export async function annotateView(controller: Controller): Promise<void> {
  const rect = currentViewer()?.visible();
  if (rect === undefined || rect === null || rect.width === 0 || rect.height === 0) return;
  await addAnnotation(controller, 'rectangle', [
    [rect.x, rect.y],
    [rect.x + rect.width, rect.y + rect.height],
  ]);
}

export async function addAnnotation(
  controller: Controller,
  kind: Annotation['kind'],
  points: readonly (readonly [number, number])[],
  as: AnnotationClass & { label?: string } = useAnnotations.getState().drawing,
): Promise<void> {
  const id = crypto.randomUUID();
  useAnnotations.setState({ selected: id });
  await keepAnnotations(controller, [
    {
      id,
      kind,
      points: points.map(([x, y]) => [round(x), round(y)]),
      className: as.name,
      color: [...as.color],
      name: as.label ?? '',
    },
  ]);
}

/** Hundredths of a pixel. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Of a file that a person chose: QuPath's GeoJSON, or any with a known coordinate system. */
const accept = '.geojson,.json,application/geo+json,application/json';

export async function chooseAnnotations(controller: Controller): Promise<void> {
  const file = await chooseLocalFile(accept);
  if (file !== null) await importAnnotations(controller, file);
}

async function importAnnotations(controller: Controller, file: File): Promise<void> {
  const image = useCase.getState().caseView?.image;
  if (image === undefined) return;
  try {
    const { readAnnotations } = await import('../../src-main/core/geojson-annotations.ts');
    const { annotations, leftOut } = readAnnotations(await file.text(), image, () => crypto.randomUUID());
    if (!(await keepAnnotations(controller, annotations))) return;
    useApp.getState().notify({
      tone: 'success',
      title: words.annotations.imported(words.counts.annotations(annotations.length)),
      detail:
        leftOut === 0 ? null : words.annotations.leftOutTheyAreNoAnnotations(words.counts.objects(leftOut)),
    });
  } catch (error) {
    notifyError(words.annotations.couldNotBeImported(file.name), plainErrorOf(error));
  }
}
