import { describe, expect, it } from 'vitest';
import { asQueueError, isUnreachable } from '../../../src-main/scale/queue/queue-errors.ts';

const withCode = (code: string, message = 'as the server says it'): Error =>
  Object.assign(new Error(message), { code });

describe('what passes by itself is waited for', () => {
  it.each([
    ['57P03', /cannot be reached/], // it starts up
    ['57P01', /cannot be reached/], // an administrator ended it
    ['08006', /cannot be reached/],
    ['53300', /cannot be reached/], // too many connections
    ['53100', /disk of the queue’s server is full/],
    ['57014', /does not answer in time/], // statement_timeout
    ['55P03', /does not answer in time/], // lock_timeout
    ['25P03', /cannot be reached/], // idle_in_transaction_session_timeout
    ['40P01', /cannot be reached/], // deadlock
    ['ECONNREFUSED', /cannot be reached/],
    ['EAI_AGAIN', /cannot be reached/],
  ])('%s', (code, message) => {
    const error = asQueueError(withCode(code), 'postgres://db/x');
    expect(error).toMatchObject({ code: 'queue-unreachable', where: 'postgres://db/x' });
    expect((error as Error).message).toMatch(message);
    expect(isUnreachable(withCode(code))).toBe(true);
    expect(isUnreachable(error)).toBe(true);
  });

  it('node-postgres gives up on an answer without a code', () => {
    expect(asQueueError(new Error('Query read timeout'), 'q')).toMatchObject({
      code: 'queue-unreachable',
      message: expect.stringMatching(/does not answer in time/) as string,
    });
  });
});

it.each([
  ['28P01', 'queue-refused', /refuses this user/],
  ['3D000', 'queue-refused', /no such database/],
  ['42501', 'queue-refused', /may not do that/],
])('%s is the person’s to mend', (code, known, message) => {
  const error = asQueueError(withCode(code), 'q');
  expect(error).toMatchObject({ code: known, message: expect.stringMatching(message) as string });
  expect(isUnreachable(error)).toBe(false);
});

it('a defect stays one', () => {
  const defect = withCode('42703', 'column "x" does not exist');
  expect(asQueueError(defect, 'q')).toBe(defect);
  expect(isUnreachable(defect)).toBe(false);
});
