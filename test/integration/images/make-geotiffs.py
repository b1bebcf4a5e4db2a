"""
Makes GeoTIFFs of every kind that is read, by GDAL: make-geotiffs.py <folder>. Prints what GDAL says of each, by name, as JSON;
masks of all levels are written beside the files, level after level, as <name>.mask.
"""
import json
import os
import sys

import numpy
from osgeo import gdal, osr

gdal.UseExceptions()
folder = sys.argv[1]
names = []
width, height = 200, 150
y, x = numpy.mgrid[0:height, 0:width]
north_up = (440000.0, 30.0, 0.0, 4600000.0, 0.0, -30.0)


def pixels(band, dtype):
    """Smooth, different in each band, never 0."""
    return (40 + band * 20 + 60 * (1 + numpy.sin(x / 31 + band)) + y / 4).astype(dtype)


def make(name, bands=1, dtype="uint8", transform=north_up, srs="EPSG:32618", options=(), edit=None, data=None):
    names.append(name)
    path = os.path.join(folder, name + ".tif")
    kind = gdal.GetDataTypeByName({"uint8": "Byte", "uint16": "UInt16", "float32": "Float32"}[dtype])
    dataset = gdal.GetDriverByName("GTiff").Create(path, width, height, bands, kind, list(options))
    for band in range(bands):
        values = pixels(band, dtype) if data is None else data(band)
        dataset.GetRasterBand(band + 1).WriteArray(values)
    if transform is not None:
        dataset.SetGeoTransform(transform)
    if srs is not None:
        reference = osr.SpatialReference()
        reference.SetFromUserInput(srs)
        dataset.SetProjection(reference.ExportToWkt())
    if edit is not None:
        edit(dataset)
    dataset = None
    return path


make("north-up")
make("south-up", transform=(0.0, 2.0, 0.0, 0.0, 0.0, 2.0))
make("rotated", transform=(440000.0, 20.0, 5.0, 4600000.0, 6.0, -25.0))
make("rotated-point", transform=(440000.0, 20.0, 5.0, 4600000.0, 6.0, -25.0),
     edit=lambda d: d.SetMetadataItem("AREA_OR_POINT", "Point"))
make("point", edit=lambda d: d.SetMetadataItem("AREA_OR_POINT", "Point"))
make("geographic", transform=(-74.5, 0.0005, 0.0, 41.25, 0.0, -0.0004), srs="EPSG:4326")
make("big-endian", options=["ENDIANNESS=BIG", "BIGTIFF=YES", "TILED=YES"])
make("without-crs", srs=None)


def control_points(dataset):
    points = [gdal.GCP(-74.2, 41.1, 3.0, 0.5, 0.5), gdal.GCP(-73.9, 41.2, 0.0, 199.5, 2.25),
              gdal.GCP(-74.1, 40.8, -1.5, 10, 140), gdal.GCP(-73.8, 40.9, 0.0, 190, 149)]
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    dataset.SetGCPs(points, reference.ExportToWkt())


make("gcps", transform=None, srs=None, edit=control_points)


def control_points_of_centres(dataset):
    dataset.SetMetadataItem("AREA_OR_POINT", "Point")
    control_points(dataset)


make("gcps-point", transform=None, srs=None, edit=control_points_of_centres)

crs = {
    "tmerc": "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +units=m",
    "tmerc-feet": "+proj=tmerc +lat_0=40 +lon_0=-76.5 +k=0.9999375 +x_0=249999.9998 +y_0=0 +datum=NAD83 +units=us-ft",
    "lcc2": "+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m",
    "lcc1": "+proj=lcc +lat_1=36 +lat_0=36 +lon_0=9.9 +k_0=0.999625544 +x_0=500000 +y_0=300000 +ellps=intl +units=m",
    "albers": "+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=37.5 +lon_0=-96 +x_0=10 +y_0=20 +datum=NAD83 +units=m",
    "stere-north": "+proj=stere +lat_0=90 +lat_ts=71 +lon_0=-39 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
    "stere-south": "+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=12 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
    "laea": "+proj=laea +lat_0=45 +lon_0=11 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m",
    "merc": "+proj=merc +lon_0=100 +lat_ts=30 +x_0=5 +y_0=7 +datum=WGS84 +units=m",
    "merc1": "+proj=merc +lon_0=110 +k=0.997 +x_0=3900000 +y_0=900000 +ellps=bessel +units=m",
    "sinusoidal": "+proj=sinu +lon_0=15 +x_0=0 +y_0=0 +R=6371007.181 +units=m",
    "equidistant": "+proj=aeqd +lat_0=47 +lon_0=8 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
    "eqc": "+proj=eqc +lat_ts=30 +lat_0=0 +lon_0=20 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
    "cea": "+proj=cea +lat_ts=30 +lon_0=5 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
    "cassini": "+proj=cass +lat_0=10.5 +lon_0=-61.3 +x_0=86501 +y_0=65379 +a=6378293.645 +b=6356617.987 +units=m",
    "polyconic": "+proj=poly +lat_0=0 +lon_0=-54 +x_0=5000000 +y_0=10000000 +ellps=GRS80 +units=m",
    "longlat": "+proj=longlat +a=6370000 +b=6350000",
}
places = {"longlat": (5.0, 0.01, 0.0, 46.0, 0.0, -0.01), "polyconic": (5100000.0, 30.0, 0.0, 9900000.0, 0.0, -30.0)}
for name, definition in crs.items():
    place = places.get(name, (120000.0, 30.0, 0.0, 250000.0, 0.0, -30.0))
    make("crs-" + name, transform=place, srs=definition)
make("crs-robinson", srs="+proj=robin +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m")


def no_data(value):
    return lambda d: d.GetRasterBand(1).SetNoDataValue(value)


def holes(band):
    values = pixels(band, "float32")
    values[20:60, 30:90] = -9999
    return values


def nan_holes(band):
    values = pixels(band, "float32")
    values[20:60, 30:90] = numpy.nan
    return values


make("no-data", dtype="float32", edit=no_data(-9999), data=holes)
make("no-data-nan", dtype="float32", edit=no_data(float("nan")), data=nan_holes)
make("no-data-16", dtype="uint16", bands=2, edit=no_data(65535))


def described(dataset):
    for index, (name, scale, offset, unit) in enumerate(
            [("Blue & <green>", 0.0001, -0.1, "1"), ("Temperature", 0.01, -273.15, "°C"), (None, None, None, None),
             ("NIR", 2, 0, "W/m²")]):
        band = dataset.GetRasterBand(index + 1)
        if name is None:
            continue
        band.SetDescription(name)
        band.SetScale(scale)
        band.SetOffset(offset)
        band.SetUnitType(unit)


make("described", dtype="uint16", bands=4, edit=described)
make("rgb", bands=3, options=["PHOTOMETRIC=RGB"])
make("rgb-nir", bands=4, options=["PHOTOMETRIC=RGB", "ALPHA=UNSPECIFIED"])
make("rgb-alpha", bands=4, options=["PHOTOMETRIC=RGB", "ALPHA=YES"],
     data=lambda band: pixels(band, "uint8") if band < 3 else numpy.where(x > 60, 255, 0).astype("uint8"))
make("gray-alpha", bands=2, options=["ALPHA=YES"],
     data=lambda band: pixels(band, "uint8") if band < 1 else numpy.where(y > 60, 255, 0).astype("uint8"))


def bgr(dataset):
    for band, meaning in enumerate([gdal.GCI_BlueBand, gdal.GCI_GreenBand, gdal.GCI_RedBand, gdal.GCI_Undefined]):
        dataset.GetRasterBand(band + 1).SetColorInterpretation(meaning)


make("bgr", dtype="uint16", bands=4, edit=bgr)
make("palette", edit=lambda d: d.GetRasterBand(1).SetColorTable(gdal.ColorTable()))
make("world-file", srs=None, options=["PROFILE=BASELINE", "TFW=YES"])

gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")


def masked(dataset):
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    circle = (x - 90) ** 2 + (y - 70) ** 2 < 70 ** 2
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(numpy.where(circle, 255, 0).astype("uint8"))


for name, options in {
    "mask": [],
    "mask-tiles": ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE"],
    "mask-jpeg": ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=JPEG", "PHOTOMETRIC=YCBCR"],
    "mask-big-endian": ["ENDIANNESS=BIG", "COMPRESS=LZW"],
}.items():
    path = make(name, bands=3, options=options, edit=masked)
    if name.startswith("mask-"):
        dataset = gdal.Open(path, gdal.GA_Update)
        dataset.BuildOverviews("NEAREST", [2, 4])
        dataset = None

found = {}
# Some of the places here lie outside of their system; Info says so instead of leaving it out.
gdal.DontUseExceptions()
for name in names:
    dataset = gdal.Open(os.path.join(folder, name + ".tif"))
    found[name] = gdal.Info(dataset, format="json")
    if name.startswith("mask"):
        band = dataset.GetRasterBand(1)
        with open(os.path.join(folder, name + ".mask"), "wb") as file:
            file.write(band.GetMaskBand().ReadAsArray().tobytes())
            for i in range(band.GetOverviewCount()):
                file.write(band.GetOverview(i).GetMaskBand().ReadAsArray().tobytes())
print(json.dumps(found))
