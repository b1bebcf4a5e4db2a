import { array, assert, integer, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import { chunkJobId, chunksOf } from '../../../src-main/scale/submit.ts';
import { ChunkLedger } from '../../../src-main/scale/worker/chunk-ledger.ts';
import { readSlideMap, slideHere } from '../../../src-main/scale/worker/slide-map.ts';

describe('the address of a queue', () => {
  it('keeps user and password out of what is shown and stored', () => {
    const address = queueAddress('postgres://anna:secret@db.example:5433/slides?schema=path&sslmode=require');
    expect(address).toMatchObject({ schema: 'path', label: 'postgres://db.example:5433/slides?schema=path' });
    expect(address.connectionString).toBe('postgres://anna:secret@db.example:5433/slides?sslmode=require');
  });
});

describe('slides of other machines', () => {
  const map = readSlideMap([
    '//Server/Share=/mnt/share',
    'D:\\slides\\old=/mnt/old/',
    'D:\\slides=/mnt/slides',
    '/data=/srv/data',
    'https://slides.s3.eu-west-1.amazonaws.com=s3://slides',
  ]);
  it.each([
    ['\\\\server\\share\\a\\b.svs', '/mnt/share/a/b.svs'],
    ['d:\\Slides\\b.svs', '/mnt/slides/b.svs'],
    ['D:\\slides\\old\\b.svs', '/mnt/old/b.svs'],
    ['/data/x.tif', '/srv/data/x.tif'],
    ['/database/x.tif', '/database/x.tif'],
    ['/DATA/x.tif', '/DATA/x.tif'],
    ['https://images.example/data/x.tif', 'https://images.example/data/x.tif'],
    ['https://slides.s3.eu-west-1.amazonaws.com/a/x.tif', 's3://slides/a/x.tif'],
    ['s3://slides/a/x.tif', 's3://slides/a/x.tif'],
  ])('%s', (there, here) => {
    expect(slideHere(there, map)).toBe(here);
  });
});

describe('chunks', () => {
  it('hold every wanted tile once, neighbours together, and have ids of their own', () => {
    assert(
      property(
        integer({ min: 1, max: 40 }),
        integer({ min: 1, max: 40 }),
        integer({ min: 1, max: 64 }),
        integer(),
        (columns, rows, size, seed) => {
          const grid = planGrid({
            imageWidth: columns * 10,
            imageHeight: rows * 10,
            scaleX: 1,
            scaleY: 1,
            tileWidth: 10,
            tileHeight: 10,
            overlap: 0,
          });
          const count = grid.columns * grid.rows;
          const isWanted = (tile: number): boolean => ((tile * 2654435761 + seed) >>> 0) % 3 !== 0;
          const chunks = chunksOf(grid, new Float32Array(count), isWanted, size);
          const wanted = Array.from({ length: count }, (_one, tile) => tile).filter(isWanted);
          expect(chunks.flat().sort((a, b) => a - b)).toEqual(wanted);
          for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBe(size);
          const ids = chunks.map((_chunk, no) => chunkJobId('r', no));
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids)
            expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the book of a chunk', () => {
  it('loses no tile and gives none twice, whatever happens to them', () => {
    assert(
      property(
        integer({ min: 1, max: 60 }),
        array(nat(5), { minLength: 400, maxLength: 400 }),
        (count, fates) => {
          const tiles = Array.from({ length: count }, (_one, at) => at * 7);
          const book = new ChunkLedger(tiles);
          const held = new Set<number>();
          const ended = new Map<number, string>();
          let now = 0;
          for (const fate of fates) {
            now += 10;
            if (held.size < 8)
              for (const tile of book.take(4, now)) {
                expect(held.has(tile) || ended.has(tile)).toBe(false);
                held.add(tile);
              }
            const [tile] = held;
            if (tile === undefined) continue;
            held.delete(tile);
            if (fate === 0) book.release(tile);
            else if (fate === 1) book.releaseSuspect(tile);
            else if (fate === 2) book.markWaiting(tile, true, now + 25);
            else if (fate === 3) {
              book.markFailed(tile, false);
              ended.set(tile, 'failed');
            } else {
              book.markDone();
              ended.set(tile, 'done');
            }
            expect(book.open + held.size + ended.size).toBe(count);
            expect(book.finished).toBe(ended.size === count);
          }
          const failed = [...ended.values()].filter((how) => how === 'failed').length;
          expect(book.ended).toEqual({ done: ended.size - failed, failed });
        },
      ),
      { numRuns: 200 },
    );
  });
});
