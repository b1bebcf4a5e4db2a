/**
 * Makes a part of an Electron object pass for the whole: what is not modelled throws when it is touched, so that a test
 * never passes because something silently did nothing.
 */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
  constructor(what: string) {
    super(`The Electron stand-in does not model ${what}.`);
  }
}

/** Names that JavaScript itself looks up on objects: promises, string conversion, inspection. */
const looksOnly = new Set(['then', 'toJSON', 'constructor', 'toString', 'valueOf', '$$typeof', 'nodeType']);

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the part passes for
export function modelled<Whole extends object>(name: string, part: object): Whole {
  return new Proxy(part, {
    get(target, key, receiver): unknown {
      if (typeof key === 'symbol' || key in target || looksOnly.has(key)) {
        const value: unknown = Reflect.get(target, key, target);
        // Private fields live on the target, not on the proxy.
        return typeof value === 'function' && key !== 'constructor'
          ? bound(target, key, value as (...given: unknown[]) => unknown, receiver as object)
          : value;
      }
      throw new NotModelled(`${name}.${key}`);
    },
  }) as Whole;
}

const bindings = new WeakMap<object, Map<PropertyKey, unknown>>();

/** Bound to the target; a method that answers its own object answers the proxy, so that chains stay modelled. */
function bound(
  target: object,
  key: PropertyKey,
  method: (...given: unknown[]) => unknown,
  proxy: object,
): unknown {
  const known = bindings.get(target) ?? new Map<PropertyKey, unknown>();
  bindings.set(target, known);
  const made = known.get(key);
  if (made !== undefined && (made as { original: unknown }).original === method) return made;
  const call = Object.assign(
    (...given: unknown[]) => {
      const answer = Reflect.apply(method, target, given);
      return answer === target ? proxy : answer;
    },
    { original: method },
  );
  known.set(key, call);
  return call;
}
