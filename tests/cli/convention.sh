# The convention of calls, from the other side: assembly that finds its arguments where llvm-aie's
# CC_AIE2 has them, called by the code of a core.
# src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td; AIEBaseISelLowering.cpp, AllocateSplitArg [code]
LC_ALL=C
export LC_ALL
cat >given.s <<'X'
// i64 given(i32 a, i64 b, memref c, i32 d, i32 e, i64 f, i32 g, i64 h, i32 i): the result has r0 and r1,
// a r2, b r4:r3, d r5, e r6; f would need two and finds r7 alone, so it is on the stack, low word at
// sp - 8, high one at sp - 4; g gets r7; h is at sp - 16 and sp - 12, i at sp - 20.
        .text
        .globl  given
        .type   given,@function
given:
        .schedule
        st      r2, [p0, #0]
        st      r3, [p0, #4]
        st      r4, [p0, #8]
        st      r5, [p0, #12]
        st      r6, [p0, #16]
        st      r7, [p0, #20]
        lda     r8, [sp, #-8]
        lda     r9, [sp, #-4]
        lda     r10, [sp, #-16]
        lda     r11, [sp, #-12]
        lda     r12, [sp, #-20]
        st      r8, [p0, #24]
        st      r9, [p0, #28]
        st      r10, [p0, #32]
        st      r11, [p0, #36]
        st      r12, [p0, #40]
        mova    r0, #7
        mova    r1, #8
        ret     lr
        .endschedule
        .size   given, . - given
X
cat >convention.mlir <<'X'
module {
  aie.device(npu1_1col) {
    func.func private @given(i32, i64, memref<16xi32>, i32, i32, i64, i32, i64, i32) -> i64
    %t00 = aie.tile(0, 0)
    %t02 = aie.tile(0, 2)
    aie.objectfifo @in(%t00, {%t02}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @out(%t02, {%t00}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.core(%t02) {
      %c0 = arith.constant 0 : index
      %c11 = arith.constant 11 : index
      %c12 = arith.constant 12 : index
      %s = arith.constant 32 : i64
      %v = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %i = aie.objectfifo.subview.access %v[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %w = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      %o = aie.objectfifo.subview.access %w[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %x = memref.load %i[%c0] : memref<16xi32>
      %y = arith.extui %x : i32 to i64
      %z = arith.shli %y, %s : i64
      %b = arith.ori %y, %z : i64
      %one = arith.constant 1 : i32
      %d = arith.addi %x, %one : i32
      %k = arith.constant 12884901890 : i64
      %r = func.call @given(%x, %b, %o, %d, %one, %k, %d, %z, %x) : (i32, i64, memref<16xi32>, i32, i32, i64, i32, i64, i32) -> i64
      %l = arith.trunci %r : i64 to i32
      %h = arith.shrui %r, %s : i64
      %m = arith.trunci %h : i64 to i32
      memref.store %l, %o[%c11] : memref<16xi32>
      memref.store %m, %o[%c12] : memref<16xi32>
      aie.objectfifo.release @in(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    } {link_with = "given.s"}
    aie.runtime_sequence(%p: memref<16xi32>, %q: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd (%q[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {metadata = @out, id = 1 : i64, issue_token = true} : memref<16xi32>
      aiex.npu.dma_memcpy_nd (%p[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {metadata = @in, id = 0 : i64} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
X
ok tessera build convention.mlir -o out
awk 'BEGIN { for (i = 0; i < 64; i++) printf "%c", i ? 0 : 100 }' >in.bin
ok tessera run -x out/convention.xclbin -i out/insts.bin --arg in:in.bin --arg out:64:out.bin
head -c 52 out.bin | od -An -v -t d4 -w52 | tr -s ' ' >got
echo ' 100 100 100 101 1 101 2 3 0 100 100 7 8' >want
same got want
