import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manifestJsonSchema, schemaPath } from '../../../models/schema.ts';

test('the published schema of gigatile.json is the one that is checked (else: node models/schema.ts)', async () => {
  expect(readFileSync(schemaPath, 'utf8')).toBe(await manifestJsonSchema());
});
