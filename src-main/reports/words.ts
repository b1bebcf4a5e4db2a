/** Numbers, dates and durations as people read them; the same in every report. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1,234,567 */
export function count(value: number): string {
  return whole.format(value);
}

/** Three significant digits, with thousands separated: 0.0123, 1.23, 1,230. */
export function measure(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return new Intl.NumberFormat('en-US', {
    maximumFractionDigits: Math.min(8, digits),
    minimumFractionDigits: 0,
  }).format(value);
}

export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(value)} %`;
}

/** 2024-05-31 14:03 UTC; what is no date stays as it is. */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${measure(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "1 tile", "2 tiles". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** "1.2 to 3.4"; a 95 % interval. */
export function between(low: number, high: number, word: (value: number) => string = measure): string {
  return `${word(low)} to ${word(high)}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1);
  if (last === undefined) return '';
  return parts.length === 1 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** First letter upper case. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
