/** The densest square is looked for in a thread of its own, which ends with its answer, the next search, or its run. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { commandOf } from '../../../src-renderer/app/commands/registry.ts';
import type { SquareRequest } from '../../../src-renderer/findings/densest-square.ts';
import { searchHotspot, useHotspotSearch } from '../../../src-renderer/findings/hotspot-search.ts';
import { emptyCase, useCase } from '../../../src-renderer/state/case-store.ts';
import type { Controller } from '../../../src-renderer/state/controller.ts';

// It looks for a browser when it is loaded.
vi.mock('openseadragon', () => ({ default: { TileSource: Object, Viewer: Object, WebGLDrawer: Object } }));

const threads: Thread[] = [];
class Thread extends EventTarget {
  ended = false;
  asked: unknown;
  moved: unknown;
  constructor() {
    super();
    threads.push(this);
  }
  postMessage(asked: unknown, moved: unknown) {
    Object.assign(this, { asked, moved });
  }
  terminate() {
    this.ended = true;
  }
}
const isTold = () => useHotspotSearch.getState().isTold;
const ended = () => threads.map((thread) => thread.ended);
const request = (): SquareRequest => ({
  centres: new Float64Array([1, 2]),
  image: { width: 10, height: 10 },
  area: 1,
  pixel: { width: 1, height: 1 },
});
const found = { rect: { x: 0, y: 0, width: 1, height: 1 }, count: 1, weight: 1 };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', Thread);
  threads.length = 0;
  useCase.setState(emptyCase);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('answers, and is told only while it takes a while', async () => {
  const asked = request();
  const search = searchHotspot(asked);
  expect(threads[0]).toMatchObject({ asked, moved: [asked.centres.buffer] });
  expect(isTold()).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(isTold()).toBe(true);
  threads[0]?.dispatchEvent(new MessageEvent('message', { data: found }));
  expect(await search).toEqual(found);
  expect(isTold()).toBe(false);
  expect(ended()).toEqual([true]);
});

it('ends with the next search, by its command, and where another run is looked at', async () => {
  const [first, second] = [searchHotspot(request()), searchHotspot(request())];
  expect(await first).toBeUndefined();
  expect(ended()).toEqual([true, false]);
  vi.advanceTimersByTime(1000);
  const cancel = commandOf('cancel-hotspot');
  expect(cancel.isEnabled?.()).toBe(true);
  void cancel.run({} as Controller);
  expect(await second).toBeUndefined();
  expect(cancel.isEnabled?.()).toBe(false);
  const third = searchHotspot(request());
  useCase.setState({ findingsVersion: 3 });
  expect(ended()).toEqual([true, true, false]);
  useCase.setState({ runId: 'run-2' });
  expect(await third).toBeUndefined();
  expect(ended()).toEqual([true, true, true]);
});

it('says where its thread failed', async () => {
  const search = searchHotspot(request());
  threads[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
  await expect(search).rejects.toThrow('out of memory');
  expect(ended()).toEqual([true]);
});
