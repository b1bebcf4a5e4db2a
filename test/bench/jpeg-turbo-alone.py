"""libjpeg-turbo and nothing else (Debian's, through ctypes): decodes every stream of a file into the same memory.

usage: jpeg-turbo-alone.py STREAMS [fast|exact]; STREAMS = (uint32 little-endian length, bytes) * n. Prints a JSON object.
"""
import ctypes
import json
import resource
import struct
import sys
import time

turbo = ctypes.CDLL("libturbojpeg.so.0")
turbo.tjInitDecompress.restype = ctypes.c_void_p
turbo.tjDecompress2.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_void_p,
    ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int,
]
FAST_DCT, ACCURATE_DCT, RGB = 2048, 4096, 0
flags = ACCURATE_DCT if len(sys.argv) > 2 and sys.argv[2] == "exact" else FAST_DCT

data = open(sys.argv[1], "rb").read()
streams = []
at = 0
while at < len(data):
    (length,) = struct.unpack_from("<I", data, at)
    streams.append(data[at + 4:at + 4 + length])
    at += 4 + length

handle = turbo.tjInitDecompress()
size = 256
target = ctypes.create_string_buffer(size * size * 3)


def run():
    for stream in streams:
        if turbo.tjDecompress2(handle, stream, len(stream), target, size, size * 3, size, RGB, flags) != 0:
            raise SystemExit("a stream cannot be decoded")


run()
before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
run()
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": seconds,
    "cpuSeconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    "tiles": len(streams),
}))
