import { ORPCError } from '@orpc/client';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src-renderer/client/backoff.ts';
import { errorOfBytes, plainErrorOf } from '../../../src-renderer/client/plain-error.ts';
import { SwitchingLink } from '../../../src-renderer/client/switching-link.ts';
import { cropRect } from '../../../src-renderer/findings/crop-store.ts';

describe('errors', () => {
  it('of the contract keep what, where and what to do', () => {
    const data = { code: 'image-corrupt', message: 'It ends early', where: 'IFD 0', hint: 'Copy it again' };
    expect(plainErrorOf(new ORPCError('GIGATILE', { status: 400, data }))).toEqual(data);
  });

  it('without typed data are still told', () => {
    expect(plainErrorOf(new ORPCError('INTERNAL_SERVER_ERROR'))).toMatchObject({ code: 'internal' });
    expect(plainErrorOf(new Error('broken'))).toEqual({ code: 'internal', message: 'broken' });
  });

  it('of byte answers are read from their JSON, else from their status', () => {
    const body = (text: string) => new TextEncoder().encode(text).slice().buffer;
    expect(errorOfBytes('/tiles/x', 404, body('{"code":"file-not-found","message":"gone"}'))).toMatchObject({
      code: 'file-not-found',
      message: 'gone',
    });
    expect(errorOfBytes('/tiles/x', 502, body('<html>')).message).toContain('502');
  });
});

describe('link', () => {
  it('lets calls wait while there is no transport, and sends them through the next', async () => {
    const link = new SwitchingLink();
    const answer = link.call(['a'], 1, { context: {} });
    link.use({ call: () => Promise.resolve('first') });
    expect(await answer).toBe('first');
    link.drop();
    const later = link.call(['a'], 1, { context: {} });
    link.use({ call: () => Promise.resolve('second') });
    expect(await later).toBe('second');
  });

  it('lets a waiting call be aborted', async () => {
    const aborted = new AbortController();
    const answer = new SwitchingLink().call(['a'], 1, { context: {}, signal: aborted.signal });
    aborted.abort(new Error('no longer wanted'));
    await expect(answer).rejects.toThrow('no longer wanted');
  });

  it('waits longer with each attempt, up to eight seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, random) => {
          expect(backoffMs(n, random)).toBeGreaterThanOrEqual(125);
          expect(backoffMs(n, random)).toBeLessThanOrEqual(8000);
        },
      ),
    );
    expect(backoffMs(4, 0)).toBeGreaterThan(backoffMs(2, 0.99));
  });
});

describe('crops', () => {
  it('are squares inside the image that hold their finding', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 5000 }),
        fc.integer({ min: 40, max: 5000 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (width, height, size, atX, atY) => {
          const box = { x: atX * (width - size), y: atY * (height - size), width: size, height: size };
          const crop = cropRect(box, { width, height });
          expect(crop.width).toBe(crop.height);
          expect(Number.isInteger(crop.x) && Number.isInteger(crop.y)).toBe(true);
          expect(crop.x).toBeGreaterThanOrEqual(0);
          expect(crop.x + crop.width).toBeLessThanOrEqual(width);
          expect(crop.y + crop.height).toBeLessThanOrEqual(height);
          expect(box.x).toBeGreaterThanOrEqual(crop.x - 1);
          expect(box.x + size).toBeLessThanOrEqual(crop.x + crop.width + 1);
        },
      ),
    );
  });
});
