// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention of one 64 x 64 tile with scores clamped to INT8: Q, K, V and the parameters in, the result out. The memory tile
// brings rows into blocks of 4 x 8 bytes, which is what the multiplier takes, and the result's blocks back.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %memory = aie.tile(0, 1)
    %tile = aie.tile(0, 2)
    %keys_low = aie.buffer(%tile) {sym_name = "keys_low", mem_bank = 2 : i32} : memref<2048xi8>
    %keys_high = aie.buffer(%tile) {sym_name = "keys_high", mem_bank = 3 : i32} : memref<2048xi8>
    %tables = aie.buffer(%tile) {sym_name = "tables"} : memref<80xi32>

    aie.objectfifo @qkv_rows(%shim, {%memory}, 2 : i32) : !aie.objectfifo<memref<12288xi8>>
    aie.objectfifo @qkv(%memory dimensionsToStream [<size = 48, stride = 256>, <size = 8, stride = 8>, <size = 4, stride = 64>, <size = 8, stride = 1>], {%tile}, 2 : i32) : !aie.objectfifo<memref<12288xi8>>
    aie.objectfifo.link [@qkv_rows] -> [@qkv]([] [])
    aie.objectfifo @parameters(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @out(%tile, {%memory}, 2 : i32) : !aie.objectfifo<memref<4096xi8>>
    aie.objectfifo @out_rows(%memory dimensionsToStream [<size = 16, stride = 256>, <size = 4, stride = 8>, <size = 8, stride = 32>, <size = 8, stride = 1>], {%shim}, 2 : i32) : !aie.objectfifo<memref<4096xi8>>
    aie.objectfifo.link [@out] -> [@out_rows]([] [])

    func.func private @attention_tile(memref<12288xi8>, memref<16xi32>, memref<4096xi8>, memref<2048xi8>, memref<2048xi8>, memref<80xi32>)
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %forever = arith.constant 0xFFFFFFFF : index
      scf.for %round = %c0 to %forever step %c1 {
        %qkv_view = aie.objectfifo.acquire @qkv(Consume, 1) : !aie.objectfifosubview<memref<12288xi8>>
        %qkv = aie.objectfifo.subview.access %qkv_view[0] : !aie.objectfifosubview<memref<12288xi8>> -> memref<12288xi8>
        %parameters_view = aie.objectfifo.acquire @parameters(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %parameters = aie.objectfifo.subview.access %parameters_view[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %out_view = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<4096xi8>>
        %out = aie.objectfifo.subview.access %out_view[0] : !aie.objectfifosubview<memref<4096xi8>> -> memref<4096xi8>
        func.call @attention_tile(%qkv, %parameters, %out, %keys_low, %keys_high, %tables) : (memref<12288xi8>, memref<16xi32>, memref<4096xi8>, memref<2048xi8>, memref<2048xi8>, memref<80xi32>) -> ()
        aie.objectfifo.release @qkv(Consume, 1)
        aie.objectfifo.release @parameters(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    } {link_with = "attention_int8.s"}
    aie.runtime_sequence(%qkv: memref<3072xi32>, %out: memref<1024xi32>, %parameters: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 1024][0, 0, 0, 1]) {id = 0 : i64, metadata = @out_rows, issue_token = true} : memref<1024xi32>
      aiex.npu.dma_memcpy_nd(%parameters[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @parameters} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%qkv[0, 0, 0, 0][1, 1, 1, 3072][0, 0, 0, 1]) {id = 2 : i64, metadata = @qkv_rows} : memref<3072xi32>
      aiex.npu.dma_wait {symbol = @out_rows}
    }
  }
}
