/** Numbers, times and sizes as people read them: in the way of their system's language. */

/** Of numbers and dates; the language of texts is the catalogue's. */
export const locale: string = globalThis.navigator?.language ?? 'en';

const numbers = new Map<string, Intl.NumberFormat>();

/** A number in some form. Its formatter is made once: to make one takes longer than the frames of a moving view have time. */
export function formatted(value: number, form: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(form);
  let known = numbers.get(key);
  if (known === undefined) {
    known = new Intl.NumberFormat(locale, form);
    numbers.set(key, known);
  }
  return known.format(value);
}

export function count(value: number): string {
  return value.toLocaleString(locale);
}

/** With so many decimals. */
export function fixed(value: number, decimals: number): string {
  return formatted(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `1 tile`, `2,000 tiles`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Seconds as `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Tiles a second: whole numbers where they are large. */
export function rate(tilesPerSecond: number): string {
  return tilesPerSecond >= 10 ? count(Math.round(tilesPerSecond)) : fixed(tilesPerSecond, 1);
}

export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : fixed(size, 1)} ${units[unit]}`;
}

const dayForm = { day: 'numeric', month: 'short' } as const;
const moments = {
  time: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(locale, dayForm),
  dayOfYear: new Intl.DateTimeFormat(locale, { ...dayForm, year: 'numeric' }),
  relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
};

/** `today 14:03`, `3 Nov 14:03`, `3 Nov 2025`. */
export function moment(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = moments.time.format(at);
  if (at.toDateString() === now.toDateString()) return `${moments.relative.format(0, 'day')} ${time}`;
  return at.getFullYear() === now.getFullYear()
    ? `${moments.day.format(at)} ${time}`
    : moments.dayOfYear.format(at);
}

/** Megapixels or gigapixels. */
export function pixels(width: number, height: number): string {
  const total = width * height;
  if (total >= 1e9) return `${fixed(total / 1e9, 2)} gigapixel`;
  if (total >= 1e5) return `${fixed(total / 1e6, total >= 1e8 ? 0 : 1)} megapixel`;
  return `${count(total)} pixels`;
}

/** A measured number: whole where it is large, two or three digits where it is small. */
export function quantity(value: number): string {
  if (value >= 100) return count(Math.round(value));
  if (value === 0 || value >= 0.01) return formatted(value, { maximumSignificantDigits: 3 });
  return '< 0.01';
}

/** A score between 0 and 1, two decimals. */
export function score(value: number): string {
  return fixed(value, 2);
}
