/** "GTil" in ASCII: marks our files for `file(1)` and for ourselves. */
export const applicationId = 0x4754696c;
