// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The same as add_one.mlir with the core's program in MLIR, a word at a time.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @of_in(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    aie.objectfifo @of_out(%tile, {%shim}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c256 = arith.constant 256 : index
      %forever = arith.constant 0xFFFFFFFF : index
      %one = arith.constant 1 : i32
      scf.for %round = %c0 to %forever step %c1 {
        %in_view = aie.objectfifo.acquire @of_in(Consume, 1) : !aie.objectfifosubview<memref<256xi32>>
        %in = aie.objectfifo.subview.access %in_view[0] : !aie.objectfifosubview<memref<256xi32>> -> memref<256xi32>
        %out_view = aie.objectfifo.acquire @of_out(Produce, 1) : !aie.objectfifosubview<memref<256xi32>>
        %out = aie.objectfifo.subview.access %out_view[0] : !aie.objectfifosubview<memref<256xi32>> -> memref<256xi32>
        scf.for %i = %c0 to %c256 step %c1 {
          %word = memref.load %in[%i] : memref<256xi32>
          %sum = arith.addi %word, %one : i32
          memref.store %sum, %out[%i] : memref<256xi32>
        }
        aie.objectfifo.release @of_in(Consume, 1)
        aie.objectfifo.release @of_out(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%in: memref<4096xi32>, %out: memref<4096xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 0 : i64, metadata = @of_out, issue_token = true} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 1 : i64, metadata = @of_in} : memref<4096xi32>
      aiex.npu.dma_wait {symbol = @of_out}
    }
  }
}
