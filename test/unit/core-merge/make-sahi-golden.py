"""Makes sahi-golden.json: what SAHI itself answers, for sahi.test.ts to compare with.

    git clone https://github.com/obss/sahi && git -C sahi checkout 9a4e5696
    python3 make-sahi-golden.py sahi > sahi-golden.json      (needs numpy)

SAHI's own modules for merging are run as they are; what they import for masks and pictures is replaced by empty modules,
because boxes need none of it. The dense path of the numpy backend serves below 2,000 boxes, so no spatial index is needed.
"""

import json
import random
import sys
import types

SAHI = sys.argv[1]


class BoundingBox:
    def __init__(self, box, shift_amount=(0, 0)):
        self.box = box
        self.shift_amount = shift_amount

    def to_xyxy(self):
        return list(self.box)


class Category:
    def __init__(self, id, name):
        self.id = id
        self.name = name


class Score:
    def __init__(self, value):
        self.value = value


class ObjectPrediction:
    mask = None

    def __init__(self, bbox, score, category_id, category_name="", segmentation=None, shift_amount=(0, 0), full_shape=None):
        self.bbox = BoundingBox(bbox, tuple(shift_amount))
        self.score = Score(score)
        self.category = Category(category_id, category_name)


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made
    return made


package = module("sahi")
package.__path__ = [SAHI + "/sahi"]
module("sahi.postprocess").__path__ = [SAHI + "/sahi/postprocess"]
module("sahi.utils").__path__ = []
module("sahi.utils.import_utils", is_available=lambda name: False)
module("sahi.utils.shapely", ShapelyAnnotation=None, get_shapely_multipolygon=None)
module("sahi.logger", logger=None)
module("sahi.annotation", BoundingBox=BoundingBox, Category=Category, Mask=None)
module("sahi.prediction", ObjectPrediction=ObjectPrediction)
module("shapely", STRtree=None, box=None).__path__ = []
module("shapely.geometry", MultiPolygon=None, Polygon=None).__path__ = []
module("shapely.geometry.collection", GeometryCollection=None)

import numpy as np  # noqa: E402
from sahi.postprocess import combine  # noqa: E402

POSTPROCESS = {
    "NMS": combine.NMSPostprocess,
    "NMM": combine.NMMPostprocess,
    "GREEDYNMM": combine.GreedyNMMPostprocess,
}


def f32(value):
    return float(np.float32(value))


def answer(boxes, kind, metric, threshold):
    # The corners as a float32 x, y, width, height list gives them.
    predictions = [
        ObjectPrediction([x, y, x + w, y + h], score, int(cls)) for x, y, w, h, cls, score in boxes
    ]
    post = POSTPROCESS[kind](match_threshold=threshold, match_metric=metric, class_agnostic=False)
    # A single prediction is not merged at all.
    result = post(predictions) if len(predictions) > 1 else predictions
    return [
        [*(round(float(v), 6) for v in p.bbox.to_xyxy()), int(p.category.id), round(float(p.score.value), 6)]
        for p in result
    ]


def random_boxes(rng, count, extent, classes, style):
    boxes = []
    for _ in range(count):
        if style == "integer":
            # Few values: many ties, duplicates and metrics that equal the threshold.
            box = [rng.randrange(extent), rng.randrange(extent), rng.choice([0, 4, 8, 10]), rng.choice([5, 8, 10])]
            score = rng.choice([0.25, 0.5, 0.75, 0.9])
        elif style == "sizes":
            side = 2 ** rng.uniform(0, 9)
            box = [rng.uniform(0, extent), rng.uniform(0, extent), side, side * rng.uniform(0.3, 3)]
            score = rng.random()
        else:
            box = [rng.uniform(0, extent), rng.uniform(0, extent), rng.uniform(6, 14), rng.uniform(6, 14)]
            score = rng.random()
        boxes.append([f32(v) for v in box] + [rng.randrange(classes), f32(score)])
    return boxes


def main():
    rng = random.Random(20240607)
    inputs = {
        "single": [[1, 2, 10, 10, 0, 0.5]],
        "threshold met exactly, keeper grown": [[0, 0, 10, 10, 0, 0.9], [4, 0, 10, 10, 0, 0.8], [0, 4, 10, 10, 0, 0.7]],
        "chain": [[0, 0, 10, 10, 0, 0.9], [4, 0, 10, 10, 0, 0.8], [8, 0, 10, 10, 0, 0.7]],
        "equal scores": [[1, 0, 10, 10, 0, 0.5], [0, 0, 10, 10, 0, 0.5]],
        "duplicates": [[0, 0, 10, 10, 0, 0.5], [0, 0, 10, 10, 0, 0.5], [3, 0, 10, 10, 0, 0.5], [3, 0, 10, 10, 0, 0.5]],
        "no area": [[5, 5, 0, 0, 0, 0.9], [5, 5, 0, 0, 0, 0.9], [0, 0, 10, 10, 0, 0.8], [5, 0, 0, 10, 0, 0.7]],
        "other class": [[0, 0, 10, 10, 1, 0.9], [0, 0, 10, 10, 0, 0.8], [1, 0, 10, 10, 1, 0.7]],
        "nested": [[0, 0, 100, 100, 0, 0.6], [10, 10, 5, 5, 0, 0.9], [50, 50, 5, 5, 0, 0.5]],
    }
    for name, boxes in inputs.items():
        inputs[name] = [[f32(v) for v in box] for box in boxes]
    for i in range(3):
        inputs[f"integer {i}"] = random_boxes(rng, 40, 40, 2, "integer")
        inputs[f"sizes {i}"] = random_boxes(rng, 40, 600, 2, "sizes")
        inputs[f"alike {i}"] = random_boxes(rng, 60, 60, 3, "alike")

    cases = []
    for name, boxes in inputs.items():
        for kind in POSTPROCESS:
            for metric in ("IOU", "IOS"):
                for threshold in (0.0, 0.4, 0.5):
                    out = answer([list(b) for b in boxes], kind, metric, threshold)
                    cases.append([name, kind, metric, threshold, out])

    sys.stdout.write('{"inputs":' + json.dumps(inputs, separators=(",", ":")) + ',"cases":[\n')
    sys.stdout.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases))
    sys.stdout.write("\n]}\n")


main()
