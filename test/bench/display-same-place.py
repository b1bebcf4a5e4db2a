"""Whether display tiles of ours (0.jpg, 1.jpg ... in FOLDER, of FOLDER/requests.json) show what OpenSlide's deep zoom shows.

usage: display-same-place.py SLIDE FOLDER. Says how many agree; fails where one does not.
"""
import json
import sys

import numpy
import openslide
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image

path, folder = sys.argv[1:]
slide = openslide.OpenSlide(path)
zoom = DeepZoomGenerator(slide, tile_size=256, overlap=0, limit_bounds=False)


def difference(a, b):
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    return abs(a[:height, :width] - b[:height, :width]).mean()


with open(f'{folder}/requests.json') as f:
    requests = json.load(f)
plain = 0
largest = 0
for index, (level, column, row) in enumerate(requests):
    theirs = numpy.asarray(zoom.get_tile(zoom.level_count - 1 - level, (column, row)).convert('RGB'), float)
    ours = numpy.asarray(Image.open(f'{folder}/{index}.jpg').convert('RGB'), float)
    same, moved = difference(ours, theirs), difference(ours[:, 8:], theirs)
    if moved < 1 and same < 1:
        plain += 1  # of one colour: it says nothing
    elif same > moved / 2:
        sys.exit(f'{level}/{column}/{row}: differs by {same:.2f}, moved by 8 px by {moved:.2f}')
    largest = max(largest, same)
if plain > len(requests) / 2:
    sys.exit(f'{plain} of {len(requests)} tiles are of one colour')
print(f'{len(requests)} tiles show the same place as deep zoom\'s ({plain} of one colour); mean difference at most {largest:.2f}')
