// Spellings of before: sequences in aiex, allocations by column, transfers with column and row.
module @old {
  aie.device(npu1_4col) {
    %0 = aie.tile(0, 0)
    aie.shim_dma_allocation @x(MM2S, 0, 0)
    %c0 = arith.constant 0 : i64
    aiex.runtime_sequence(%arg0: memref<8xi32>, %arg1: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(0, 0, %arg0[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0]) {id = 0 : i64, metadata = @x} : memref<8xi32>
      aiex.npu.dma_wait {symbol = @x}
    }
    aie.objectfifo @a(%0, {%0}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @b(%0, {%0}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.link [@a] -> [@b] ()
    %2 = aie.tile(0, 2)
    %b = aie.buffer(%2) : memref<8xi32>
    aie.mem(%2) {
      aie.dma_bd(%b : memref<8xi32>, 0, 8, [<wrap = 2, step = 4>])
      aie.dma_bd_packet(0x2, 0x5)
      aie.end
    }
  }
}
