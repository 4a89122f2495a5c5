// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The same with the third buffer of the own kernels, the parameters, which is read and left alone: Q, K and V come in, V goes out. Right only where all rows of V are alike.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @of_in(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<3072xi32>>
    aie.objectfifo @of_out(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<1024xi32>>
    aie.objectfifo @of_parameters(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c1024 = arith.constant 1024 : index
      %v = arith.constant 2048 : index
      %forever = arith.constant 0xFFFFFFFF : index
      scf.for %round = %c0 to %forever step %c1 {
        %block_view = aie.objectfifo.acquire @of_parameters(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %in_view = aie.objectfifo.acquire @of_in(Consume, 1) : !aie.objectfifosubview<memref<3072xi32>>
        %in = aie.objectfifo.subview.access %in_view[0] : !aie.objectfifosubview<memref<3072xi32>> -> memref<3072xi32>
        %out_view = aie.objectfifo.acquire @of_out(Produce, 1) : !aie.objectfifosubview<memref<1024xi32>>
        %out = aie.objectfifo.subview.access %out_view[0] : !aie.objectfifosubview<memref<1024xi32>> -> memref<1024xi32>
        scf.for %i = %c0 to %c1024 step %c1 {
          %from = arith.addi %i, %v : index
          %word = memref.load %in[%from] : memref<3072xi32>
          memref.store %word, %out[%i] : memref<1024xi32>
        }
        aie.objectfifo.release @of_parameters(Consume, 1)
        aie.objectfifo.release @of_in(Consume, 1)
        aie.objectfifo.release @of_out(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%in: memref<3072xi32>, %out: memref<1024xi32>, %parameters: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 1024][0, 0, 0, 1]) {id = 0 : i64, metadata = @of_out, issue_token = true} : memref<1024xi32>
      aiex.npu.dma_memcpy_nd(%parameters[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 2 : i64, metadata = @of_parameters} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 3072][0, 0, 0, 1]) {id = 1 : i64, metadata = @of_in} : memref<3072xi32>
      aiex.npu.dma_wait {symbol = @of_out}
    }
  }
}
