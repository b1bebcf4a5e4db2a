"""JPEG-LS and LERC streams by Debian's own libraries (libcharls2, liblerc4), for tests of the decoders.

usage: encode-samples.py FOLDER: reads FOLDER/jobs.json, a list of
  {"kind": "jpegls", "in", "out", "width", "height", "bits", "bands", "interleave": 0|1|2, "near"}
  {"kind": "lerc", "in", "out", "width", "height", "type", "depth", "bands", "error", "mask": path or null, "masks"}
Pixels of JPEG-LS: by pixel, or one band after the other where interleave is 0. LERC: bands after each other, depth by pixel.
"""
import ctypes as c
import json
import sys
from pathlib import Path

charls = c.CDLL('libcharls.so.2')
lerc = c.CDLL('libLerc.so.4')


class FrameInfo(c.Structure):
    _fields_ = [('width', c.c_uint32), ('height', c.c_uint32), ('bits', c.c_int32), ('bands', c.c_int32)]


def check(code):
    if code != 0:
        raise RuntimeError(f'error {code}')


def jpegls(job, data):
    charls.charls_jpegls_encoder_create.restype = c.c_void_p
    encoder = c.c_void_p(charls.charls_jpegls_encoder_create())
    info = FrameInfo(job['width'], job['height'], job['bits'], job['bands'])
    check(charls.charls_jpegls_encoder_set_frame_info(encoder, c.byref(info)))
    check(charls.charls_jpegls_encoder_set_near_lossless(encoder, c.c_int32(job['near'])))
    check(charls.charls_jpegls_encoder_set_interleave_mode(encoder, c.c_int32(job['interleave'])))
    out = c.create_string_buffer(len(data) * 2 + 65536)
    check(charls.charls_jpegls_encoder_set_destination_buffer(encoder, out, c.c_size_t(len(out))))
    check(charls.charls_jpegls_encoder_encode_from_buffer(encoder, data, c.c_size_t(len(data)), c.c_uint32(0)))
    written = c.c_size_t()
    check(charls.charls_jpegls_encoder_get_bytes_written(encoder, c.byref(written)))
    return out.raw[: written.value]


def encode_lerc(job, data):
    mask = Path(job['mask']).read_bytes() if job['mask'] else None
    out = c.create_string_buffer(len(data) * 2 + 65536)
    written = c.c_uint()
    check(
        lerc.lerc_encode(
            data, c.c_uint(job['type']), job['depth'], job['width'], job['height'], job['bands'],
            job['masks'], mask, c.c_double(job['error']), out, c.c_uint(len(out)), c.byref(written),
        )
    )
    return out.raw[: written.value]


for job in json.loads((Path(sys.argv[1]) / 'jobs.json').read_text()):
    data = Path(job['in']).read_bytes()
    Path(job['out']).write_bytes(jpegls(job, data) if job['kind'] == 'jpegls' else encode_lerc(job, data))
