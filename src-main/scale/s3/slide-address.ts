/**
 * Slides in S3 by the machine's own credentials (environment, profile, or the role of a container or instance): `s3://bucket/key` becomes
 * an address that is signed here and holds for some hours, and is read in parts like any other. The key itself goes nowhere.
 */
import { GigatileError } from '../../contract/errors.ts';

export interface SlideAddress {
  /** A path, or an http(s) address. */
  path: string;
  /** After that it has to be asked for anew; null: it stays. */
  staleAt: Date | null;
}

const validSeconds = 6 * 3600;
/** Long before it ends: a chunk that has begun must end with it. */
const renewMs = 3 * 3600_000;
/** Of temporary credentials, which end earlier than what they sign. */
const marginMs = 10 * 60_000;
const leastMs = 60_000;

export const isS3 = (address: string): boolean => /^s3:\/\//i.test(address);

/** @throws {GigatileError} usage where it is none */
export function s3Place(address: string): { Bucket: string; Key: string } {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/i.exec(address);
  if (found === null) {
    throw new GigatileError('usage', 'This is no address of a slide in S3', {
      where: address,
      hint: 'For instance: s3://bucket/folder/slide.svs',
    });
  }
  return { Bucket: found[1] ?? '', Key: found[2] ?? '' };
}

/** Other addresses and paths are what they are. @throws {GigatileError} usage; file-unreadable without credentials or region */
export async function slideAddress(
  address: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SlideAddress> {
  if (!isS3(address)) return { path: address, staleAt: null };
  const place = s3Place(address);
  // Loaded by those who have slides there, and by nobody else.
  const [{ GetObjectCommand, S3Client }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  // Servers that speak S3 and are not Amazon's have no name for each bucket.
  const forcePathStyle =
    environment['AWS_ENDPOINT_URL_S3'] !== undefined || environment['AWS_ENDPOINT_URL'] !== undefined;
  const client = new S3Client({ forcePathStyle });
  try {
    const path = await getSignedUrl(client, new GetObjectCommand(place), { expiresIn: validSeconds });
    const { expiration } = await client.config.credentials();
    const ends = expiration === undefined ? Infinity : expiration.getTime() - marginMs;
    const now = Date.now();
    return { path, staleAt: new Date(Math.max(now + leastMs, Math.min(now + renewMs, ends))) };
  } catch (cause) {
    throw new GigatileError('file-unreadable', 'The slide’s address in S3 cannot be signed on this machine', {
      where: address,
      hint: `${cause instanceof Error ? cause.message : String(cause)}. Credentials and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, from AWS_PROFILE, or from the machine’s role.`,
      cause,
    });
  } finally {
    client.destroy();
  }
}
