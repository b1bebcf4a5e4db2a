"""GeoTIFFs from which the tests make JPEG 2000 files, by GDAL's Python.

usage: make-jpeg2000.py FOLDER: reads FOLDER/jobs.json, a list of {"out", "width", "height", "bands", "type", "epsg", "transform"}.
Smooth with noise, an empty corner, and values in all of the type's range.
"""
import json
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
ranges = {'Byte': (0, 255, np.uint8), 'UInt16': (0, 65535, np.uint16), 'Int16': (-32768, 32767, np.int16)}
for job in json.loads((Path(sys.argv[1]) / 'jobs.json').read_text()):
    w, h = job['width'], job['height']
    low, high, dtype = ranges[job['type']]
    kind = getattr(gdal, 'GDT_' + job['type'])
    image = gdal.GetDriverByName('GTiff').Create(job['out'], w, h, job['bands'], kind)
    random = np.random.default_rng(job['bands'] * 7 + w)
    y, x = np.mgrid[0:h, 0:w]
    for band in range(job['bands']):
        wave = 0.5 + 0.45 * np.sin((x + band * 60) / 31) * np.cos(y / 19) + random.normal(0, 0.04, (h, w))
        wave[: h // 5, : w // 4] = 0
        values = np.clip(low + wave * (high - low), low, high)
        image.GetRasterBand(band + 1).WriteArray(values.astype(dtype))
    if job['epsg']:
        system = osr.SpatialReference()
        system.ImportFromEPSG(job['epsg'])
        image.SetProjection(system.ExportToWkt())
    if job['transform']:
        image.SetGeoTransform(job['transform'])
    image = None
