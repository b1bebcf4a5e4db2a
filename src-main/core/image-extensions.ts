/**
 * What files of images are called, for lists and dialogs only: what a file is, its content decides when it is opened. Lower
 * case, without the dot.
 */
export const imageExtensions: readonly string[] =
  'svs tif tiff btf tf8 ndpi scn bif mrxs svslide vms vmu dcm jp2 j2k png jpg jpeg webp'.split(' ');

/** What lies in a folder that may be opened as one image: pictures of a set, files of a DICOM series. */
export const partExtensions: readonly string[] = 'png jpg jpeg webp tif tiff bmp dcm'.split(' ');
