/** A queue's address from what a person typed into its fields. */
export interface QueueTexts {
  /** A host, with its port where it is not 5432; or a whole address, which stands as it is. */
  host: string;
  database: string;
  user: string;
  schema: string;
  tls: '' | 'verify-full' | 'no-verify';
}

export function queueUrl({ host, database, user, schema, tls }: QueueTexts): string {
  const place = host.trim();
  if (place.includes('://')) return place;
  const query = new URLSearchParams();
  if (tls !== '') query.set('sslmode', tls);
  if (schema.trim() !== '') query.set('schema', schema.trim());
  const who = user.trim() === '' ? '' : `${encodeURIComponent(user.trim())}@`;
  const options = query.size === 0 ? '' : `?${query.toString()}`;
  return `postgres://${who}${place}/${encodeURIComponent(database.trim() || 'gigatile')}${options}`;
}
