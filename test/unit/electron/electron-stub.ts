/** `electron` for unit tests: importing it is fine, touching anything of it is not. */
function untouchable(name: string): unknown {
  const refuse = (what: string) => (): never => {
    throw new Error(`A unit test must not touch electron's ${name}${what}.`);
  };
  return new Proxy(function stub() {}, {
    get: (_target, key) => refuse(`.${String(key)}`)(),
    apply: refuse('()'),
    construct: refuse(' (new)'),
  });
}

export const BrowserWindow = untouchable('BrowserWindow');
export const MessageChannelMain = untouchable('MessageChannelMain');
export const dialog = untouchable('dialog');
export const utilityProcess = untouchable('utilityProcess');
export const screen = untouchable('screen');
