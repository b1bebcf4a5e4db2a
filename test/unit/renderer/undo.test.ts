/** Undo and redo over both kinds of acts, in the order in which they were done, against an engine that answers as the real one. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Annotation, AnnotationView } from '../../../src-main/contract/annotation.ts';
import { keepAnnotations, removeAnnotation } from '../../../src-renderer/annotations/annotation-actions.ts';
import { redo, undo } from '../../../src-renderer/app/undo.ts';
import { acts } from '../../../src-renderer/state/acts.ts';
import { useAnnotations } from '../../../src-renderer/state/annotation-store.ts';
import { useCase } from '../../../src-renderer/state/case-store.ts';
import type { Controller } from '../../../src-renderer/state/controller.ts';

/** What the engine has. */
let stored: AnnotationView[];
let isDown = false;

const answer = (): Promise<AnnotationView[]> =>
  isDown ? Promise.reject(new Error('no link')) : Promise.resolve([...stored]);

const controller = {
  connection: {
    api: {
      annotations: {
        put: ({ annotations }: { annotations: Annotation[] }) => {
          if (isDown) return answer();
          for (const annotation of annotations) {
            stored = [
              ...stored.filter(({ id }) => id !== annotation.id),
              { ...annotation, author: 'A', createdAt: 'then', changedAt: 'now' },
            ];
          }
          return answer();
        },
        remove: ({ ids }: { ids: string[] }) => {
          if (!isDown) stored = stored.filter(({ id }) => !ids.includes(id));
          return answer();
        },
      },
    },
  },
} as unknown as Controller;

const box = (id: string, right: number): Annotation => ({
  id,
  kind: 'rectangle',
  points: [
    [0, 0],
    [right, 10],
  ],
  className: 'Region',
  color: [1, 2, 3],
  name: '',
});
/** Right edges, as the screen has them. */
const shown = (): Record<string, number | undefined> =>
  Object.fromEntries(useAnnotations.getState().items.map(({ id, points }) => [id, points[1]?.[0]]));

beforeEach(() => {
  stored = [];
  isDown = false;
  acts.clear();
  useAnnotations.setState({ items: [], selected: null, removed: [] });
  useCase.setState({ caseView: { id: 'case', runs: [] } as never });
});

describe('undo', () => {
  it('takes back what was drawn, changed and removed, and does it again', async () => {
    await keepAnnotations(controller, [box('a', 10)]);
    await keepAnnotations(controller, [box('a', 20), box('b', 5)]);
    await removeAnnotation(controller, 'a');
    expect(shown()).toEqual({ b: 5 });
    const steps = [{ a: 20, b: 5 }, { a: 10 }, {}];
    for (const step of steps) {
      await undo(controller);
      expect(shown()).toEqual(step);
      expect(useAnnotations.getState().removed.filter(({ id }) => id in step)).toEqual([]);
    }
    for (const step of [{ a: 10 }, { a: 20, b: 5 }, { b: 5 }]) {
      await redo(controller);
      expect(shown()).toEqual(step);
    }
  });

  it('leaves what did not change the object that it is, so that it is not drawn anew', async () => {
    await keepAnnotations(controller, [box('a', 10)]);
    const [first] = useAnnotations.getState().items;
    stored = structuredClone(stored);
    await keepAnnotations(controller, [box('b', 5)]);
    expect(useAnnotations.getState().items[0]).toBe(first);
  });

  it('is over for what was undone once something else is done', async () => {
    await keepAnnotations(controller, [box('a', 10)]);
    await undo(controller);
    await keepAnnotations(controller, [box('b', 5)]);
    expect(acts.lastUndone).toBeNull();
    await undo(controller);
    expect(shown()).toEqual({});
  });

  it('can be tried again where it could not be stored', async () => {
    await keepAnnotations(controller, [box('a', 10)]);
    isDown = true;
    await undo(controller);
    expect(shown()).toEqual({ a: 10 });
    isDown = false;
    await undo(controller);
    expect(shown()).toEqual({});
  });

  it('leaves a drawing alone where a decision was made since', async () => {
    await keepAnnotations(controller, [box('a', 10)]);
    acts.record({ kind: 'decision' });
    await undo(controller);
    expect(shown()).toEqual({ a: 10 });
    await undo(controller);
    expect(shown()).toEqual({});
  });
});
