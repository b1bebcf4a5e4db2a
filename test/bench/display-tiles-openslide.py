"""OpenSlide's deep zoom in Python: tiles of a list, as JPEG. Prints one JSON line: seconds of each pass, on the clock and of
the processor."""
import io
import json
import sys
import time

import openslide
from openslide.deepzoom import DeepZoomGenerator

path, requests_file, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(requests_file) as f:
    requests = json.load(f)
slide = openslide.OpenSlide(path)
zoom = DeepZoomGenerator(slide, tile_size=256, overlap=0, limit_bounds=False)
seconds = []
processor = []
latencies = []
for _ in range(passes):
    latencies = []
    start = time.perf_counter()
    start_processor = time.process_time()
    for level, column, row in requests:
        at = time.perf_counter()
        # Our level 0 is the finest, deep zoom's the coarsest.
        tile = zoom.get_tile(zoom.level_count - 1 - level, (column, row))
        buffer = io.BytesIO()
        tile.save(buffer, 'jpeg', quality=75)
        latencies.append((time.perf_counter() - at) * 1000)
    seconds.append(time.perf_counter() - start)
    processor.append(time.process_time() - start_processor)
latencies.sort()
print(json.dumps({
    'seconds': seconds,
    'processor': processor,
    'p50': latencies[len(latencies) // 2],
    'p95': latencies[int(len(latencies) * 0.95)],
    'levels': zoom.level_count,
}))
