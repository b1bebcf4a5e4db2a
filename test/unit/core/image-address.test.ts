import { assert, property, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import {
  isImageUrl,
  isUrl,
  parseImageUrl,
  urlImageName,
  withoutSecrets,
} from '../../../src-main/core/image-address.ts';

describe('addresses', () => {
  test.each([
    ['https://example.org/a.tif', true],
    ['HTTP://example.org/a.tif', true],
    ['s3://bucket/key', true],
    ['/data/a.tif', false],
    ['C:\\slides\\a.tif', false],
    ['C:/slides/a.tif', false],
    ['./a.tif', false],
    ['a:b.tif', false],
    ['//share/a.tif', false],
  ])('%s is an address: %s', (text, expected) => {
    expect(isUrl(text)).toBe(expected);
  });

  test.each([
    ['s3://bucket/key.tif', /presign/],
    ['file:///data/a.tif', /path of the file/],
    ['ftp://example.org/a.tif', /https/],
    ['https://', /https/],
    ['https://exa mple.org/a.tif', /https/],
  ])('%s is refused with what to do instead', (text, hint) => {
    expect(isImageUrl(text)).toBe(false);
    try {
      parseImageUrl(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GigatileError);
      expect(error).toMatchObject({ code: 'usage', hint: expect.stringMatching(hint) });
    }
  });

  test.each([
    ['https://example.org/a/b%20c.svs?X-Amz-Signature=1', 'b c.svs'],
    ['https://example.org/a/', 'a'],
    ['https://example.org', 'example.org'],
    ['https://example.org/..%2F..%2Fetc%2Fpasswd', '.._.._etc_passwd'],
    ['https://example.org/100%.tif', '100%.tif'],
  ])('%s is called %s', (url, name) => {
    expect(urlImageName(url)).toBe(name);
  });

  test('neither what is kept nor the name holds any of the secrets', () => {
    const secret = stringMatching(/^S3CR[a-z0-9]{6,12}$/);
    assert(
      property(secret, secret, secret, secret, (user, password, query, fragment) => {
        const url = `https://${user}:${password}@example.org:8443/x/scene.tif?sig=${query}#${fragment}`;
        const kept = `${withoutSecrets(url)} ${urlImageName(url)}`;
        expect(kept).toBe('https://example.org:8443/x/scene.tif scene.tif');
      }),
    );
  });
});
