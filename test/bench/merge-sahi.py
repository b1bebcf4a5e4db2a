"""SAHI's own array backend, timed: python3 merge-sahi.py <checkout> <boxes> <type> <metric> <threshold> <repeats>

<boxes> is a file of float32: x1, y1, x2, y2, score, class of each. Prints the best milliseconds and how many remain. SAHI's modules
are run as they are; needs numpy and shapely.
"""

import json
import sys
import time
import types

checkout, path, kind, metric, threshold, repeats = sys.argv[1:7]

# Without the package's own __init__, which loads frameworks for models.
for name, folder in (("sahi", "/sahi"), ("sahi.postprocess", "/sahi/postprocess")):
    module = types.ModuleType(name)
    module.__path__ = [checkout + folder]
    sys.modules[name] = module

import numpy as np  # noqa: E402
from sahi.postprocess import _numpy_backend as backend  # noqa: E402

run = {"NMS": backend.nms_numpy, "GREEDYNMM": backend.greedy_nmm_numpy, "NMM": backend.nmm_numpy}[kind]
boxes = np.fromfile(path, dtype=np.float32).reshape(-1, 6)
times = []
kept = 0
for _ in range(int(repeats)):
    start = time.perf_counter()
    kept = 0
    # Class by class, as SAHI does where classes are told apart.
    for category in np.unique(boxes[:, 5]):
        kept += len(run(boxes[boxes[:, 5] == category], metric, float(threshold)))
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"ms": min(times), "kept": kept}))
