;; The loops over pixels that JavaScript is too slow for. Compiled by build-kernel.ts into pixel-kernel-code.ts.
;; All addresses and strides are bytes of the one memory; nobody checks bounds here but WebAssembly itself.
(module
  (import "env" "memory" (memory 1))

  ;; Rows of bytes from one place to another that does not overlap it. Rows of tiles are short: the engine's memory.copy is a call for
  ;; each, which took twice as long for tiles that lie beyond the second cache.
  (func (export "copyRows")
    (param $to i32) (param $toStride i32) (param $from i32) (param $fromStride i32) (param $bytes i32) (param $rows i32)
    (local $f i32) (local $t i32) (local $left i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
    (local $v4 v128) (local $v5 v128) (local $v6 v128) (local $v7 v128)
    (block $done
      (loop $row
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $f (local.get $from))
        (local.set $t (local.get $to))
        (local.set $left (local.get $bytes))
        (block $narrow
          (loop $wide
            (br_if $narrow (i32.lt_u (local.get $left) (i32.const 128)))
            (local.set $v0 (v128.load offset=0 align=1 (local.get $f)))
            (local.set $v1 (v128.load offset=16 align=1 (local.get $f)))
            (local.set $v2 (v128.load offset=32 align=1 (local.get $f)))
            (local.set $v3 (v128.load offset=48 align=1 (local.get $f)))
            (local.set $v4 (v128.load offset=64 align=1 (local.get $f)))
            (local.set $v5 (v128.load offset=80 align=1 (local.get $f)))
            (local.set $v6 (v128.load offset=96 align=1 (local.get $f)))
            (local.set $v7 (v128.load offset=112 align=1 (local.get $f)))
            (v128.store offset=0 align=1 (local.get $t) (local.get $v0))
            (v128.store offset=16 align=1 (local.get $t) (local.get $v1))
            (v128.store offset=32 align=1 (local.get $t) (local.get $v2))
            (v128.store offset=48 align=1 (local.get $t) (local.get $v3))
            (v128.store offset=64 align=1 (local.get $t) (local.get $v4))
            (v128.store offset=80 align=1 (local.get $t) (local.get $v5))
            (v128.store offset=96 align=1 (local.get $t) (local.get $v6))
            (v128.store offset=112 align=1 (local.get $t) (local.get $v7))
            (local.set $f (i32.add (local.get $f) (i32.const 128)))
            (local.set $t (i32.add (local.get $t) (i32.const 128)))
            (local.set $left (i32.sub (local.get $left) (i32.const 128)))
            (br $wide)))
        (block $end
          (loop $sixteen
            (br_if $end (i32.lt_u (local.get $left) (i32.const 16)))
            (v128.store align=1 (local.get $t) (v128.load align=1 (local.get $f)))
            (local.set $f (i32.add (local.get $f) (i32.const 16)))
            (local.set $t (i32.add (local.get $t) (i32.const 16)))
            (local.set $left (i32.sub (local.get $left) (i32.const 16)))
            (br $sixteen)))
        (if (local.get $left) (then (memory.copy (local.get $t) (local.get $f) (local.get $left))))
        (local.set $to (i32.add (local.get $to) (local.get $toStride)))
        (local.set $from (i32.add (local.get $from) (local.get $fromStride)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $row))))

  ;; Interleaved RGB bytes to three planes of float32: value = byte * a + b, a and b for each band.
  ;; Sixteen pixels at a time; the last ones one by one. Four pixels of a band are taken by one swizzle: for a shuffle of
  ;; two vectors the engine builds its masks anew each time, which took longer than all the rest.
  (func (export "rgbToPlanes")
    (param $from i32) (param $pixels i32) (param $to i32) (param $plane i32)
    (param $ra f32) (param $rb f32) (param $ga f32) (param $gb f32) (param $ba f32) (param $bb f32)
    (local $v v128) (local $r v128) (local $g v128) (local $b v128)
    (local $ra4 v128) (local $rb4 v128) (local $ga4 v128) (local $gb4 v128) (local $ba4 v128) (local $bb4 v128)
    (local $toG i32) (local $toB i32)
    (local.set $r (v128.const i8x16 0 255 255 255 3 255 255 255 6 255 255 255 9 255 255 255))
    (local.set $g (v128.const i8x16 1 255 255 255 4 255 255 255 7 255 255 255 10 255 255 255))
    (local.set $b (v128.const i8x16 2 255 255 255 5 255 255 255 8 255 255 255 11 255 255 255))
    (local.set $ra4 (f32x4.splat (local.get $ra)))
    (local.set $rb4 (f32x4.splat (local.get $rb)))
    (local.set $ga4 (f32x4.splat (local.get $ga)))
    (local.set $gb4 (f32x4.splat (local.get $gb)))
    (local.set $ba4 (f32x4.splat (local.get $ba)))
    (local.set $bb4 (f32x4.splat (local.get $bb)))
    (local.set $toG (i32.add (local.get $to) (local.get $plane)))
    (local.set $toB (i32.add (local.get $toG) (local.get $plane)))
    (block $wide
      (loop $sixteen
        ;; Sixteen are 48 bytes, and the last load looks at 52 of them.
        (br_if $wide (i32.lt_u (local.get $pixels) (i32.const 18)))
        (local.set $v (v128.load offset=0 align=1 (local.get $from)))
        (v128.store offset=0 align=4 (local.get $to)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $r))) (local.get $ra4)) (local.get $rb4)))
        (v128.store offset=0 align=4 (local.get $toG)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $g))) (local.get $ga4)) (local.get $gb4)))
        (v128.store offset=0 align=4 (local.get $toB)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $b))) (local.get $ba4)) (local.get $bb4)))
        (local.set $v (v128.load offset=12 align=1 (local.get $from)))
        (v128.store offset=16 align=4 (local.get $to)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $r))) (local.get $ra4)) (local.get $rb4)))
        (v128.store offset=16 align=4 (local.get $toG)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $g))) (local.get $ga4)) (local.get $gb4)))
        (v128.store offset=16 align=4 (local.get $toB)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $b))) (local.get $ba4)) (local.get $bb4)))
        (local.set $v (v128.load offset=24 align=1 (local.get $from)))
        (v128.store offset=32 align=4 (local.get $to)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $r))) (local.get $ra4)) (local.get $rb4)))
        (v128.store offset=32 align=4 (local.get $toG)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $g))) (local.get $ga4)) (local.get $gb4)))
        (v128.store offset=32 align=4 (local.get $toB)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $b))) (local.get $ba4)) (local.get $bb4)))
        (local.set $v (v128.load offset=36 align=1 (local.get $from)))
        (v128.store offset=48 align=4 (local.get $to)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $r))) (local.get $ra4)) (local.get $rb4)))
        (v128.store offset=48 align=4 (local.get $toG)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $g))) (local.get $ga4)) (local.get $gb4)))
        (v128.store offset=48 align=4 (local.get $toB)
          (f32x4.add (f32x4.mul (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $v) (local.get $b))) (local.get $ba4)) (local.get $bb4)))
        (local.set $from (i32.add (local.get $from) (i32.const 48)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $toG (i32.add (local.get $toG) (i32.const 64)))
        (local.set $toB (i32.add (local.get $toB) (i32.const 64)))
        (local.set $pixels (i32.sub (local.get $pixels) (i32.const 16)))
        (br $sixteen)))
    (block $done
      (loop $one
        (br_if $done (i32.eqz (local.get $pixels)))
        (f32.store (local.get $to)
          (f32.add (f32.mul (f32.convert_i32_u (i32.load8_u (local.get $from))) (local.get $ra)) (local.get $rb)))
        (f32.store (local.get $toG)
          (f32.add (f32.mul (f32.convert_i32_u (i32.load8_u offset=1 (local.get $from))) (local.get $ga)) (local.get $gb)))
        (f32.store (local.get $toB)
          (f32.add (f32.mul (f32.convert_i32_u (i32.load8_u offset=2 (local.get $from))) (local.get $ba)) (local.get $bb)))
        (local.set $from (i32.add (local.get $from) (i32.const 3)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $toG (i32.add (local.get $toG) (i32.const 4)))
        (local.set $toB (i32.add (local.get $toB) (i32.const 4)))
        (local.set $pixels (i32.sub (local.get $pixels) (i32.const 1)))
        (br $one))))

  ;; The same with a table: value = table[band][byte], 256 float32 a band, one band's after the other.
  ;; Four pixels, which are three words, at a time.
  (func (export "rgbToPlanesByTable")
    (param $from i32) (param $pixels i32) (param $to i32) (param $plane i32) (param $table i32)
    (local $w0 i32) (local $w1 i32) (local $w2 i32) (local $toG i32) (local $toB i32)
    (local.set $toG (i32.add (local.get $to) (local.get $plane)))
    (local.set $toB (i32.add (local.get $toG) (local.get $plane)))
    (block $wide
      (loop $four
        (br_if $wide (i32.lt_u (local.get $pixels) (i32.const 4)))
        (local.set $w0 (i32.load offset=0 align=1 (local.get $from)))
        (local.set $w1 (i32.load offset=4 align=1 (local.get $from)))
        (local.set $w2 (i32.load offset=8 align=1 (local.get $from)))
        (f32.store offset=0 (local.get $to)
          (f32.load offset=0 (i32.add (local.get $table) (i32.and (i32.shl (local.get $w0) (i32.const 2)) (i32.const 1020)))))
        (f32.store offset=0 (local.get $toG)
          (f32.load offset=1024 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w0) (i32.const 6)) (i32.const 1020)))))
        (f32.store offset=0 (local.get $toB)
          (f32.load offset=2048 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w0) (i32.const 14)) (i32.const 1020)))))
        (f32.store offset=4 (local.get $to)
          (f32.load offset=0 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w0) (i32.const 22)) (i32.const 1020)))))
        (f32.store offset=4 (local.get $toG)
          (f32.load offset=1024 (i32.add (local.get $table) (i32.and (i32.shl (local.get $w1) (i32.const 2)) (i32.const 1020)))))
        (f32.store offset=4 (local.get $toB)
          (f32.load offset=2048 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w1) (i32.const 6)) (i32.const 1020)))))
        (f32.store offset=8 (local.get $to)
          (f32.load offset=0 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w1) (i32.const 14)) (i32.const 1020)))))
        (f32.store offset=8 (local.get $toG)
          (f32.load offset=1024 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w1) (i32.const 22)) (i32.const 1020)))))
        (f32.store offset=8 (local.get $toB)
          (f32.load offset=2048 (i32.add (local.get $table) (i32.and (i32.shl (local.get $w2) (i32.const 2)) (i32.const 1020)))))
        (f32.store offset=12 (local.get $to)
          (f32.load offset=0 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w2) (i32.const 6)) (i32.const 1020)))))
        (f32.store offset=12 (local.get $toG)
          (f32.load offset=1024 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w2) (i32.const 14)) (i32.const 1020)))))
        (f32.store offset=12 (local.get $toB)
          (f32.load offset=2048 (i32.add (local.get $table) (i32.and (i32.shr_u (local.get $w2) (i32.const 22)) (i32.const 1020)))))
        (local.set $from (i32.add (local.get $from) (i32.const 12)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $toG (i32.add (local.get $toG) (i32.const 16)))
        (local.set $toB (i32.add (local.get $toB) (i32.const 16)))
        (local.set $pixels (i32.sub (local.get $pixels) (i32.const 4)))
        (br $four)))
    (block $done
      (loop $one
        (br_if $done (i32.eqz (local.get $pixels)))
        (f32.store (local.get $to)
          (f32.load offset=0 (i32.add (local.get $table) (i32.shl (i32.load8_u offset=0 (local.get $from)) (i32.const 2)))))
        (f32.store (local.get $toG)
          (f32.load offset=1024 (i32.add (local.get $table) (i32.shl (i32.load8_u offset=1 (local.get $from)) (i32.const 2)))))
        (f32.store (local.get $toB)
          (f32.load offset=2048 (i32.add (local.get $table) (i32.shl (i32.load8_u offset=2 (local.get $from)) (i32.const 2)))))
        (local.set $from (i32.add (local.get $from) (i32.const 3)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $toG (i32.add (local.get $toG) (i32.const 4)))
        (local.set $toB (i32.add (local.get $toB) (i32.const 4)))
        (local.set $pixels (i32.sub (local.get $pixels) (i32.const 1)))
        (br $one))))

  ;; Half the size of interleaved RGB bytes: each output byte is the mean of 2 x 2, rounded half up.
  ;; width, rows: of the output. Four output pixels at a time, whose sixteen stored bytes reach four beyond: only where the row goes on.
  (func (export "halveRgb")
    (param $to i32) (param $from i32) (param $fromStride i32) (param $width i32) (param $rows i32)
    (local $left i32) (local $upper i32) (local $lower i32) (local $c i32)
    (local $a v128) (local $b v128) (local $c0 v128) (local $d v128) (local $l0 v128) (local $r0 v128) (local $l1 v128) (local $r1 v128)
    (block $done
      (loop $row
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $upper (local.get $from))
        (local.set $lower (i32.add (local.get $from) (local.get $fromStride)))
        (local.set $left (local.get $width))
        (block $wide
          (loop $four
            (br_if $wide (i32.lt_u (local.get $left) (i32.const 6)))
            (local.set $a (v128.load align=1 (local.get $upper)))
            (local.set $b (v128.load offset=8 align=1 (local.get $upper)))
            (local.set $c0 (v128.load align=1 (local.get $lower)))
            (local.set $d (v128.load offset=8 align=1 (local.get $lower)))
            (local.set $l0 (i8x16.shuffle 0 1 2 6 7 8 12 13 14 26 27 28 0 0 0 0 (local.get $a) (local.get $b)))
            (local.set $r0 (i8x16.shuffle 3 4 5 9 10 11 15 24 25 29 30 31 0 0 0 0 (local.get $a) (local.get $b)))
            (local.set $l1 (i8x16.shuffle 0 1 2 6 7 8 12 13 14 26 27 28 0 0 0 0 (local.get $c0) (local.get $d)))
            (local.set $r1 (i8x16.shuffle 3 4 5 9 10 11 15 24 25 29 30 31 0 0 0 0 (local.get $c0) (local.get $d)))
            (v128.store align=1 (local.get $to)
              (i8x16.narrow_i16x8_u
                (i16x8.shr_u
                  (i16x8.add
                    (i16x8.add
                      (i16x8.add (i16x8.extend_low_i8x16_u (local.get $l0)) (i16x8.extend_low_i8x16_u (local.get $r0)))
                      (i16x8.add (i16x8.extend_low_i8x16_u (local.get $l1)) (i16x8.extend_low_i8x16_u (local.get $r1))))
                    (i16x8.splat (i32.const 2)))
                  (i32.const 2))
                (i16x8.shr_u
                  (i16x8.add
                    (i16x8.add
                      (i16x8.add (i16x8.extend_high_i8x16_u (local.get $l0)) (i16x8.extend_high_i8x16_u (local.get $r0)))
                      (i16x8.add (i16x8.extend_high_i8x16_u (local.get $l1)) (i16x8.extend_high_i8x16_u (local.get $r1))))
                    (i16x8.splat (i32.const 2)))
                  (i32.const 2))))
            (local.set $upper (i32.add (local.get $upper) (i32.const 24)))
            (local.set $lower (i32.add (local.get $lower) (i32.const 24)))
            (local.set $to (i32.add (local.get $to) (i32.const 12)))
            (local.set $left (i32.sub (local.get $left) (i32.const 4)))
            (br $four)))
        (block $narrow
          (loop $one
            (br_if $narrow (i32.eqz (local.get $left)))
            (local.set $c (i32.const 0))
            (loop $band
              (i32.store8 (i32.add (local.get $to) (local.get $c))
                (i32.shr_u
                  (i32.add
                    (i32.add
                      (i32.add
                        (i32.load8_u (i32.add (local.get $upper) (local.get $c)))
                        (i32.load8_u offset=3 (i32.add (local.get $upper) (local.get $c))))
                      (i32.add
                        (i32.load8_u (i32.add (local.get $lower) (local.get $c)))
                        (i32.load8_u offset=3 (i32.add (local.get $lower) (local.get $c)))))
                    (i32.const 2))
                  (i32.const 2)))
              (local.set $c (i32.add (local.get $c) (i32.const 1)))
              (br_if $band (i32.lt_u (local.get $c) (i32.const 3))))
            (local.set $upper (i32.add (local.get $upper) (i32.const 6)))
            (local.set $lower (i32.add (local.get $lower) (i32.const 6)))
            (local.set $to (i32.add (local.get $to) (i32.const 3)))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br $one)))
        (local.set $from (i32.add (local.get $from) (i32.shl (local.get $fromStride) (i32.const 1))))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $row))))

  ;; Rows of interleaved bytes (1 to 4 a pixel) made narrower: each output pixel is a weighted sum in fixed point with 22 bits.
  ;; $axis: for each output pixel its record: the byte where its first source pixel begins in a row, their number, their weights.
  ;; A pixel is read and written as four bytes: up to three beyond the last one are read, and written.
  (func (export "narrowBytes")
    (param $to i32) (param $from i32) (param $fromStride i32) (param $rows i32) (param $bands i32)
    (param $axis i32) (param $width i32) (param $recordBytes i32)
    (local $record i32) (local $x i32) (local $at i32) (local $weight i32) (local $left i32) (local $sum v128)
    (block $done
      (loop $row
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $record (local.get $axis))
        (local.set $x (local.get $width))
        (loop $pixel
          (local.set $at (i32.add (local.get $from) (i32.load (local.get $record))))
          (local.set $left (i32.load offset=4 (local.get $record)))
          (local.set $weight (i32.add (local.get $record) (i32.const 8)))
          (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
          (loop $tap
            (local.set $sum
              (i32x4.add
                (local.get $sum)
                (i32x4.mul
                  (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at))))
                  (v128.load32_splat (local.get $weight)))))
            (local.set $at (i32.add (local.get $at) (local.get $bands)))
            (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
            (br_if $tap (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
          (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
          (local.set $sum (i16x8.narrow_i32x4_u (local.get $sum) (local.get $sum)))
          (v128.store32_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
          (local.set $to (i32.add (local.get $to) (local.get $bands)))
          (local.set $record (i32.add (local.get $record) (local.get $recordBytes)))
          (br_if $pixel (local.tee $x (i32.sub (local.get $x) (i32.const 1)))))
        (local.set $from (i32.add (local.get $from) (local.get $fromStride)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $row))))

  ;; The same down: rows of at least 16 bytes become weighted sums of rows. $axis as above, with bytes from the first row on.
  (func (export "shortenBytes")
    (param $to i32) (param $from i32) (param $rowBytes i32) (param $axis i32) (param $height i32) (param $recordBytes i32)
    (local $x i32) (local $last i32) (local $at i32) (local $weight i32) (local $left i32)
    (local $bytes v128) (local $low v128) (local $high v128) (local $k v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $last (i32.sub (local.get $rowBytes) (i32.const 16)))
    (block $done
      (loop $row
        (br_if $done (i32.eqz (local.get $height)))
        (local.set $x (i32.const 0))
        (loop $chunk
          (local.set $at
            (i32.add (i32.add (local.get $from) (i32.load (local.get $axis))) (local.get $x)))
          (local.set $left (i32.load offset=4 (local.get $axis)))
          (local.set $weight (i32.add (local.get $axis) (i32.const 8)))
          (local.set $a (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
          (local.set $b (local.get $a))
          (local.set $c (local.get $a))
          (local.set $d (local.get $a))
          (loop $tap
            (local.set $bytes (v128.load (local.get $at)))
            (local.set $low (i16x8.extend_low_i8x16_u (local.get $bytes)))
            (local.set $high (i16x8.extend_high_i8x16_u (local.get $bytes)))
            (local.set $k (v128.load32_splat (local.get $weight)))
            (local.set $a (i32x4.add (local.get $a) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $low)) (local.get $k))))
            (local.set $b (i32x4.add (local.get $b) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $low)) (local.get $k))))
            (local.set $c (i32x4.add (local.get $c) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $high)) (local.get $k))))
            (local.set $d (i32x4.add (local.get $d) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $high)) (local.get $k))))
            (local.set $at (i32.add (local.get $at) (local.get $rowBytes)))
            (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
            (br_if $tap (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
          (v128.store
            (i32.add (local.get $to) (local.get $x))
            (i8x16.narrow_i16x8_u
              (i16x8.narrow_i32x4_u
                (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
              (i16x8.narrow_i32x4_u
                (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
          ;; The last chunk ends with the row: what it shares with the one before is computed twice.
          (if (i32.lt_u (local.get $x) (local.get $last))
            (then
              (local.set $x (i32.add (local.get $x) (i32.const 16)))
              (if (i32.gt_u (local.get $x) (local.get $last)) (then (local.set $x (local.get $last))))
              (br $chunk))))
        (local.set $to (i32.add (local.get $to) (local.get $rowBytes)))
        (local.set $axis (i32.add (local.get $axis) (local.get $recordBytes)))
        (local.set $height (i32.sub (local.get $height) (i32.const 1)))
        (br $row))))

  ;; Interleaved bytes (1 to 4 a pixel) to any size, each output byte a weighted sum of doubles, rounded half up: narrowed row after row
  ;; into $narrowed, summed down in $sums (both: doubles of an output row, and 24 bytes more that are written too).
  ;; $across, $down: for each output position its record: the byte where its first source pixel (or row) begins, their number, and
  ;; their weights as doubles. A pixel is read as four bytes: up to three beyond the last one.
  (func (export "resampleBytes")
    (param $to i32) (param $from i32) (param $fromStride i32) (param $bands i32)
    (param $across i32) (param $acrossBytes i32) (param $width i32)
    (param $down i32) (param $downBytes i32) (param $height i32)
    (param $narrowed i32) (param $sums i32)
    (local $row i32) (local $narrowedRow i32) (local $left i32) (local $weights i32) (local $weight f64) (local $values i32)
    (local $x i32) (local $record i32) (local $at i32) (local $n i32) (local $w i32) (local $out i32) (local $end i32)
    (local $pixel v128) (local $w2 v128) (local $low v128) (local $high v128)
    (local.set $values (i32.mul (local.get $width) (local.get $bands)))
    (local.set $narrowedRow (i32.const -1))
    (block $done
      (loop $line
        (br_if $done (i32.eqz (local.get $height)))
        (memory.fill (local.get $sums) (i32.const 0) (i32.shl (local.get $values) (i32.const 3)))
        (local.set $row (i32.add (local.get $from) (i32.load (local.get $down))))
        (local.set $left (i32.load offset=4 (local.get $down)))
        (local.set $weights (i32.add (local.get $down) (i32.const 8)))
        (block $summed
          (loop $source
            (br_if $summed (i32.eqz (local.get $left)))
            (local.set $weight (f64.load (local.get $weights)))
            (if (f64.ne (local.get $weight) (f64.const 0))
              (then
                (if (i32.ne (local.get $row) (local.get $narrowedRow))
                  (then
                    (local.set $narrowedRow (local.get $row))
                    (local.set $record (local.get $across))
                    (local.set $out (local.get $narrowed))
                    (local.set $x (local.get $width))
                    (loop $narrow
                      (local.set $at (i32.add (local.get $row) (i32.load (local.get $record))))
                      (local.set $n (i32.load offset=4 (local.get $record)))
                      (local.set $w (i32.add (local.get $record) (i32.const 8)))
                      (local.set $low (v128.const i64x2 0 0))
                      (local.set $high (v128.const i64x2 0 0))
                      (loop $tap
                        (local.set $pixel (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero align=1 (local.get $at)))))
                        (local.set $w2 (v128.load64_splat (local.get $w)))
                        (local.set $low (f64x2.add (local.get $low)
                          (f64x2.mul (f64x2.convert_low_i32x4_u (local.get $pixel)) (local.get $w2))))
                        (local.set $high (f64x2.add (local.get $high)
                          (f64x2.mul
                            (f64x2.convert_low_i32x4_u
                              (i8x16.shuffle 8 9 10 11 12 13 14 15 0 0 0 0 0 0 0 0 (local.get $pixel) (local.get $pixel)))
                            (local.get $w2))))
                        (local.set $at (i32.add (local.get $at) (local.get $bands)))
                        (local.set $w (i32.add (local.get $w) (i32.const 8)))
                        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                        (br_if $tap (local.get $n)))
                      (v128.store align=8 (local.get $out) (local.get $low))
                      (v128.store offset=16 align=8 (local.get $out) (local.get $high))
                      (local.set $out (i32.add (local.get $out) (i32.shl (local.get $bands) (i32.const 3))))
                      (local.set $record (i32.add (local.get $record) (local.get $acrossBytes)))
                      (local.set $x (i32.sub (local.get $x) (i32.const 1)))
                      (br_if $narrow (local.get $x)))))
                (local.set $w2 (f64x2.splat (local.get $weight)))
                (local.set $at (local.get $narrowed))
                (local.set $out (local.get $sums))
                (local.set $end (i32.add (local.get $sums) (i32.shl (local.get $values) (i32.const 3))))
                (loop $two
                  (v128.store align=8 (local.get $out)
                    (f64x2.add (v128.load align=8 (local.get $out)) (f64x2.mul (v128.load align=8 (local.get $at)) (local.get $w2))))
                  (local.set $at (i32.add (local.get $at) (i32.const 16)))
                  (local.set $out (i32.add (local.get $out) (i32.const 16)))
                  (br_if $two (i32.lt_u (local.get $out) (local.get $end))))))
            (local.set $row (i32.add (local.get $row) (local.get $fromStride)))
            (local.set $weights (i32.add (local.get $weights) (i32.const 8)))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br $source)))
        (local.set $at (local.get $sums))
        (local.set $end (i32.add (local.get $to) (local.get $values)))
        (loop $write
          (local.set $pixel (i32x4.trunc_sat_f64x2_u_zero
            (f64x2.floor (f64x2.add (v128.load align=8 (local.get $at)) (v128.const f64x2 0.5 0.5)))))
          (i32.store8 (local.get $to) (i32x4.extract_lane 0 (local.get $pixel)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (if (i32.lt_u (local.get $to) (local.get $end))
            (then
              (i32.store8 (local.get $to) (i32x4.extract_lane 1 (local.get $pixel)))
              (local.set $to (i32.add (local.get $to) (i32.const 1)))
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (br_if $write (i32.lt_u (local.get $to) (local.get $end))))))
        (local.set $down (i32.add (local.get $down) (local.get $downBytes)))
        (local.set $height (i32.sub (local.get $height) (i32.const 1)))
        (br $line)))))
