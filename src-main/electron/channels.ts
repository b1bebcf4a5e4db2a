/** The names on which preload and main talk. Everything else goes over the ports that main hands out. */
export const channels = {
  /** Page to main: hand over ports to the engine. */
  connect: 'gigatile:connect',
  /** Main to page: here they are, `[rpc, bytes]`. */
  ports: 'gigatile:ports',
  /** Page to main: the path of a dropped file; answers its opaque id. */
  registerDrop: 'gigatile:register-drop',
} as const;
