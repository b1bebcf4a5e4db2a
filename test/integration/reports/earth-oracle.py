"""GeoJSON and GeoPackage of one run as GDAL and GEOS read them: <geojson> <gpkg> <an equal-area system>; one line of JSON."""

import json
import sys

from osgeo import ogr, osr

ogr.UseExceptions()
osr.UseExceptions()


def system(text):
    srs = osr.SpatialReference()
    srs.SetFromUserInput(text)
    srs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return srs


def area(geometry, to, longest):
    copy = geometry.Clone()
    # An edge is straight in its own system: in another one it has to be followed.
    copy.Segmentize(longest)
    copy.Transform(to)
    return copy.GetArea()


def turning(ring):
    points = ring.GetPoints()
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:]))


geojson, gpkg, equal = sys.argv[1], sys.argv[2], system(sys.argv[3])
file = ogr.Open(gpkg)
layer = file.GetLayerByName("findings")
own = layer.GetSpatialRef()
own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
(west, east, south, north) = layer.GetExtent()
to = osr.CoordinateTransformation(own, equal)
native = {f["id"]: area(f.GetGeometryRef(), to, (north - south) / 500) for f in layer}

to = osr.CoordinateTransformation(system("OGC:CRS84"), equal)
out = {"count": 0, "native": len(native), "invalid": 0, "parts": 0, "outside": 0, "wide": 0, "ids": True}
out |= {"area": 0, "nativeArea": sum(native.values()), "worst": 0, "wound": 0}
collection = ogr.Open(geojson)
for feature in collection.GetLayer(0):
    geometry = feature.GetGeometryRef()
    out["count"] += 1
    out["ids"] &= feature["id"] in native
    out["invalid"] += not geometry.IsValid()
    single = geometry.GetGeometryName() == "POLYGON"
    polygons = [geometry] if single else [geometry.GetGeometryRef(i) for i in range(geometry.GetGeometryCount())]
    out["parts"] += len(polygons) > 1
    for polygon in polygons:
        (x1, x2, y1, y2) = polygon.GetEnvelope()
        out["outside"] += x1 < -180 or x2 > 180 or y1 < -90 or y2 > 90
        out["wide"] += x2 - x1 > 180
        for i in range(polygon.GetGeometryCount()):
            ring = polygon.GetGeometryRef(i)
            out["wound"] += (turning(ring) < 0) == (i == 0)
    there = area(geometry, to, 0.02)
    out["area"] += there
    wanted = native.get(feature["id"], 0)
    if wanted > out["nativeArea"] / 1000:
        out["worst"] = max(out["worst"], abs(there - wanted) / wanted)
print(json.dumps(out))
