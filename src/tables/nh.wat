;; NH, the universal hash of RFC 4418 (UMAC), section 5.2.2, three times over with
;; the key moved on by 16 bytes each time ("Toeplitz"): whoever does not know the key
;; cannot make two messages whose sums are all the same, but for one chance in 2^96.
;;
;; A message is taken in blocks of 16 bytes: four words, m0 to m3, 32 bits each, little
;; end first. With the words k0 to k3 of the key, each block adds
;;     (m0 + k0) * (m2 + k2)  +  (m1 + k1) * (m3 + k3)
;; to a sum of 64 bits; sums in brackets have 32 bits, products 64.
;;
;; Where the message does not end with a block, the last one is its last 16 bytes,
;; some of them for a second time: there is nothing to fill up, and no other message
;; of that length has the same blocks. The length is added to each sum at the end.
;;
;; Memory: from 0 the three sums; from 64 the key; then whatever the host puts there.
(module
  (memory (export "memory") 3)

  ;; Of the bytes [at, end), 16 or more of them, and at most as many as there is key for, less 32.
  (func (export "digest") (param $at i32) (param $end i32)
    (local $key i32) (local $length i64) (local $block v128) (local $term v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128)
    (local.set $key (i32.const 64))
    (local.set $length (i64.extend_i32_u (i32.sub (local.get $end) (local.get $at))))
    (loop $next
      (local.set $block (v128.load (local.get $at)))

      (local.set $term (i32x4.add (local.get $block) (v128.load (local.get $key))))
      (local.set $sum0 (i64x2.add (local.get $sum0) (i64x2.extmul_low_i32x4_u (local.get $term)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $term) (local.get $term)))))

      (local.set $term (i32x4.add (local.get $block) (v128.load offset=16 (local.get $key))))
      (local.set $sum1 (i64x2.add (local.get $sum1) (i64x2.extmul_low_i32x4_u (local.get $term)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $term) (local.get $term)))))

      (local.set $term (i32x4.add (local.get $block) (v128.load offset=32 (local.get $key))))
      (local.set $sum2 (i64x2.add (local.get $sum2) (i64x2.extmul_low_i32x4_u (local.get $term)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $term) (local.get $term)))))

      (local.set $key (i32.add (local.get $key) (i32.const 16)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.le_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $at (i32.sub (local.get $end) (i32.const 16)))
        (br $next))))
    (i64.store (i32.const 0) (i64.add (local.get $length)
      (i64.add (i64x2.extract_lane 0 (local.get $sum0)) (i64x2.extract_lane 1 (local.get $sum0)))))
    (i64.store (i32.const 8) (i64.add (local.get $length)
      (i64.add (i64x2.extract_lane 0 (local.get $sum1)) (i64x2.extract_lane 1 (local.get $sum1)))))
    (i64.store (i32.const 16) (i64.add (local.get $length)
      (i64.add (i64x2.extract_lane 0 (local.get $sum2)) (i64x2.extract_lane 1 (local.get $sum2)))))))
