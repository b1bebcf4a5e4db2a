// The native binding of sharp, up to the moment when it is to do something (see crashing-codec.mjs).
module.exports = Object.create(require(globalThis.nativeSharp), {
  pipeline: { value: () => process.kill(process.pid, 'SIGSEGV') },
});
