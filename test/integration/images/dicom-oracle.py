"""A level of a DICOM slide by pydicom, NumPy, Pillow and dcmtk: its whole pixel matrix as raw samples, and what its header says.

Usage: dicom-oracle.py OUT.raw FILE... (several files: the parts of a concatenation). Prints JSON.
"""

import io
import json
import os
import subprocess
import sys
import tempfile

import numpy
import pydicom
from PIL import Image
from pydicom.encaps import generate_pixel_data_frame
from pydicom.pixel_data_handlers.util import convert_color_space

JPEG = '1.2.840.10008.1.2.4.50'
JPEG2000 = ('1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.4.91')
JPEG_LS = ('1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81')


def by_dcmtk(program, path):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'out.dcm')
        subprocess.run([program, path, out], check=True, stderr=subprocess.DEVNULL)
        return pydicom.dcmread(out).pixel_array


def frames_of(path, data):
    syntax = data.file_meta.TransferSyntaxUID
    count = int(data.get('NumberOfFrames', 1))
    if syntax in JPEG_LS:
        pixels = by_dcmtk('dcmdjpls', path)
    elif syntax == JPEG and data.PhotometricInterpretation == 'RGB':
        pixels = by_dcmtk('dcmdjpeg', path)
    elif syntax == JPEG or syntax in JPEG2000:
        # Pillow gives RGB.
        streams = generate_pixel_data_frame(data.PixelData, count)
        pixels = numpy.stack([numpy.asarray(Image.open(io.BytesIO(stream))) for stream in streams])
    else:
        pixels = data.pixel_array
        if data.PhotometricInterpretation == 'YBR_FULL':
            pixels = convert_color_space(pixels, 'YBR_FULL', 'RGB', per_frame=count > 1)
    if data.PhotometricInterpretation == 'MONOCHROME1':
        pixels = (2**data.BitsStored - 1) - pixels
    return pixels.reshape((count, data.Rows, data.Columns, data.SamplesPerPixel))


def place(data, index, first, columns):
    """Upper left corner of a frame, from 0."""
    if data.get('DimensionOrganizationType') == 'TILED_FULL':
        number = first + index
        return number % columns * data.Columns, number // columns * data.Rows
    position = data.PerFrameFunctionalGroupsSequence[index].PlanePositionSlideSequence[0]
    return (
        position.ColumnPositionInTotalImagePixelMatrix - 1,
        position.RowPositionInTotalImagePixelMatrix - 1,
    )


def main(out, paths):
    parts = sorted(
        ((path, pydicom.dcmread(path)) for path in paths),
        key=lambda part: part[1].get('InConcatenationNumber', 1),
    )
    head = parts[0][1]
    width, height = head.TotalPixelMatrixColumns, head.TotalPixelMatrixRows
    columns, rows = -(-width // head.Columns), -(-height // head.Rows)
    kind = numpy.uint8 if head.BitsAllocated == 8 else numpy.uint16
    background = 0 if head.SamplesPerPixel == 1 else 255
    margin = (head.Rows, head.Columns)
    canvas = numpy.full(
        (height + 2 * margin[0], width + 2 * margin[1], head.SamplesPerPixel), background, kind
    )
    first = 0
    for path, data in parts:
        pixels = frames_of(path, data)
        for index in range(len(pixels)):
            if data.get('DimensionOrganizationType') == 'TILED_FULL' and first + index >= columns * rows:
                break
            x, y = place(data, index, first, columns)
            x, y = x + margin[1], y + margin[0]
            canvas[y : y + data.Rows, x : x + data.Columns] = pixels[index]
        first += len(pixels)
    canvas[margin[0] : margin[0] + height, margin[1] : margin[1] + width].tofile(out)
    shared = head.SharedFunctionalGroupsSequence[0]
    spacing = shared.PixelMeasuresSequence[0].PixelSpacing if 'PixelMeasuresSequence' in shared else None
    print(
        json.dumps(
            {
                'width': width,
                'height': height,
                'tile': [head.Columns, head.Rows],
                'samples': head.SamplesPerPixel,
                'bits': head.BitsAllocated,
                'spacing': None if spacing is None else [float(value) for value in spacing],
                'power': float(head.OpticalPathSequence[0].get('ObjectiveLensPower', 0)) or None,
                'patient': str(head.PatientName),
                'syntax': head.file_meta.TransferSyntaxUID.name,
            }
        )
    )


main(sys.argv[1], sys.argv[2:])
