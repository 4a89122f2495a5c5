// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adds 1 to 4,096 words: host memory -> compute tile (0, 2) -> host memory, in buffers of 256 words, two on
// each side. The core's program is add_one.s.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @of_in(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    aie.objectfifo @of_out(%tile, {%shim}, 2 : i32) : !aie.objectfifo<memref<256xi32>>
    %core = aie.core(%tile) {
      aie.end
    }
    aie.runtime_sequence(%in: memref<4096xi32>, %out: memref<4096xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 0 : i64, metadata = @of_out, issue_token = true} : memref<4096xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 4096][0, 0, 0, 1]) {id = 1 : i64, metadata = @of_in} : memref<4096xi32>
      aiex.npu.dma_wait {symbol = @of_out}
    }
  }
}
