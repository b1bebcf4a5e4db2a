"""What programs that nobody here wrote read in the exports of one run: counts, sums of places and areas, and whether files keep their rules."""
import csv, io, json, re, subprocess, sys, zipfile
from xml.etree import ElementTree

from osgeo import gdal, ogr

gdal.UseExceptions()
ogr.UseExceptions()
folder, width, height, is_geo = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == 'geo'
path = lambda name: f'{folder}/{name}'


def table(name, delimiter):
    with open(path(name), newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file, delimiter=delimiter, strict=True))
    number = lambda row, key: float(row[key])
    return {
        'count': len(rows),
        'x': sum(number(r, 'x_px') + number(r, 'width_px') / 2 for r in rows),
        'y': sum(number(r, 'y_px') + number(r, 'height_px') / 2 for r in rows),
        'area': sum(number(r, 'area_px2') if 'area_px2' in r else number(r, 'width_px') * number(r, 'height_px') for r in rows),
        'ids': sorted(r['id'] for r in rows),
        'classes': sorted({r['class'] for r in rows}),
    }


def layer(name, id_field, to_pixel):
    source = gdal.OpenEx(path(name), gdal.OF_VECTOR)
    features = source.GetLayer(0)
    found = {'count': 0, 'x': 0.0, 'y': 0.0, 'area': 0.0, 'ids': [], 'invalid': 0}
    for feature in features:
        geometry = feature.GetGeometryRef()
        if id_field and any(feature.GetFieldIndex(f) >= 0 and feature.GetField(f) == 'annotation' for f in ('objectType', 'kind')):
            continue
        west, east, south, north = geometry.GetEnvelope()
        corners = [to_pixel(west, north), to_pixel(east, south)]
        found['count'] += 1
        found['x'] += (corners[0][0] + corners[1][0]) / 2
        found['y'] += (corners[0][1] + corners[1][1]) / 2
        found['area'] += geometry.GetArea()
        found['ids'].append(feature.GetField('id'))
        found['invalid'] += not geometry.IsValid()
    found['ids'].sort()
    return found, source


def coco():
    data = json.load(open(path('coco.json'), encoding='utf-8'))
    boxes = [a['bbox'] for a in data['annotations']]
    return {
        'count': len(boxes),
        'x': sum(b[0] + b[2] / 2 for b in boxes),
        'y': sum(b[1] + b[3] / 2 for b in boxes),
        'area': sum(a['area'] for a in data['annotations']),
        'ids': sorted(a['uuid'] for a in data['annotations']),
        'orphans': sum(a['category_id'] not in {c['id'] for c in data['categories']} or a['image_id'] != data['images'][0]['id'] for a in data['annotations']),
    }


def yolo():
    archive = zipfile.ZipFile(path('yolo.zip'))
    assert archive.testzip() is None
    [name] = [n for n in archive.namelist() if n.startswith('labels/')]
    found = {'count': 0, 'x': 0.0, 'y': 0.0, 'area': 0.0}
    for line in archive.read(name).decode().splitlines():
        numbers = [float(v) for v in line.split()[1:]]
        assert all(0 <= v <= 1 for v in numbers)
        if len(numbers) == 4:
            left, right = numbers[0] - numbers[2] / 2, numbers[0] + numbers[2] / 2
            top, bottom = numbers[1] - numbers[3] / 2, numbers[1] + numbers[3] / 2
            area = numbers[2] * numbers[3]
        else:
            xs, ys = numbers[0::2], numbers[1::2]
            left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
            area = abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(xs)))) / 2
        found['count'] += 1
        found['x'] += (left + right) / 2 * width
        found['y'] += (top + bottom) / 2 * height
        found['area'] += area * width * height
    return found


def cog(name):
    from osgeo_utils.samples import validate_cloud_optimized_geotiff as rules

    _, errors, _ = rules.validate(path(name), full_check=True)
    image = gdal.Open(path(name))
    band = image.GetRasterBand(1)
    return {
        'errors': errors,
        'size': [image.RasterXSize, image.RasterYSize],
        'bands': [image.GetRasterBand(b + 1).GetDescription() for b in range(image.RasterCount)],
        'overviews': [[band.GetOverview(o).XSize, band.GetOverview(o).YSize] for o in range(band.GetOverviewCount())],
        'transform': list(image.GetGeoTransform()),
        'noData': str(band.GetNoDataValue()),
        'epsg': image.GetSpatialRef().GetAuthorityCode(None) if image.GetSpatialRef() else None,
        'values': band.ReadAsArray().ravel().tolist(),
        'metadata': {k: v for k, v in image.GetMetadata().items() if k.startswith('CLASS_')},
    }


def ome(name):
    run = lambda *command: subprocess.run(command, check=True, capture_output=True, text=True).stdout
    said = run('tiffinfo', path(name))
    xml = re.search(r'ImageDescription: (.*)', said)[1]
    root = ElementTree.fromstring(xml)
    space = '{http://www.openmicroscopy.org/Schemas/OME/2016-06}'
    pixels = root.find(f'{space}Image/{space}Pixels')
    levels = len(re.search(r'SubIFD Offsets: (.*)', said)[1].split()) if 'SubIFD Offsets' in said else 0
    sizes = []
    for level in range(levels):
        # libvips goes down into the children and decodes them.
        run('vips', 'avg', f'{path(name)}[subifd={level}]')
        sizes.append([int(run('vipsheader', '-f', side, f'{path(name)}[subifd={level}]')) for side in ('width', 'height')])
    run('openslide-show-properties', path(name))
    return {
        'pixels': pixels.attrib,
        'channels': [c.attrib for c in pixels.findall(f'{space}Channel')],
        'planes': [t.attrib for t in pixels.findall(f'{space}TiffData')],
        'ids': [e.attrib['ID'] for e in root.iter() if 'ID' in e.attrib and not e.tag.endswith('Ref')],
        'sizes': sizes,
        'pages': len(re.findall(r'=== TIFF directory', said)),
    }


if is_geo:
    forward = gdal.Open(path('classes-cog.tif')).GetGeoTransform()
    native = lambda x, y: ((x - forward[0]) / forward[1], (y - forward[3]) / forward[5])
else:
    native = lambda x, y: (x, -y)
gpkg, source = layer('gpkg.gpkg', None, native)
gpkg['valid'] = subprocess.run([sys.executable, '-m', 'osgeo_utils.samples.validate_gpkg', path('gpkg.gpkg')]).returncode == 0
gpkg['layers'] = [source.GetLayer(i).GetName() for i in range(source.GetLayerCount())]
gpkg['tiles'] = source.GetLayer(1).GetFeatureCount()
gpkg['drawn'] = []
for feature in source.GetLayer(2):
    geometry = feature.GetGeometryRef()
    west, east, south, north = geometry.GetEnvelope()
    gpkg['drawn'].append({
        **{field: feature.GetField(field) for field in ('drawn', 'class', 'color', 'name', 'author')},
        'type': geometry.GetGeometryName(),
        'points': geometry.GetPointCount() or sum(ring.GetPointCount() for ring in geometry),
        'valid': geometry.IsValid(),
        'box': [*native(west, north), *native(east, south)],
    })
gpkg['drawn'].sort(key=lambda each: each['name'])
srs = source.GetLayer(0).GetSpatialRef()
gpkg['epsg'] = srs.GetAuthorityCode(None) if srs else None
gpkg['indexed'] = source.ExecuteSQL("SELECT HasSpatialIndex('findings', 'geom')").GetNextFeature().GetField(0)
geojson, _ = layer('geojson.geojson', 'id', (lambda x, y: (x, y)))
with open(path('wsinfer.csv'), newline='') as file:
    wsinfer = list(csv.DictReader(file, strict=True))
print(json.dumps({
    'csv': table('csv.csv', ','),
    'tsv': table('tsv.tsv', '\t'),
    'gpkg': gpkg,
    'geojson': geojson,
    'coco': coco(),
    'yolo': yolo(),
    'wsinfer': {'count': len(wsinfer), 'columns': list(wsinfer[0]) if wsinfer else []},
    'heatmap': cog('heatmap-cog.tif'),
    'classes': cog('classes-cog.tif'),
    'ome': {name: ome(f'{name}-ome.ome.tif') for name in ('heatmap', 'classes')},
}))
