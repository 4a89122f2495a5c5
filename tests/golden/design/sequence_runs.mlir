// Sequences of other devices, put in with their allocations under new names; devices loaded once each.
// RUN: aie-opt --runtime-sequence %s | FileCheck %s
// CHECK: aie.device(npu1) {
// CHECK-NEXT: %shim_noc_tile_2_0 = aie.tile(2, 0)
// CHECK-NEXT: aie.shim_dma_allocation @out(%shim_noc_tile_2_0, MM2S, 1)
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK-NEXT: aie.shim_dma_allocation @out_0(%shim_noc_tile_0_0, MM2S, 0)
// CHECK-NEXT: aie.shim_dma_allocation @out_1(%shim_noc_tile_0_0, MM2S, 0)
// CHECK-NEXT: memref.global "private" constant @blockwrite_data_0 : memref<8xi32> = dense<[64, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
// CHECK-NEXT: memref.global "private" constant @blockwrite_data_1 : memref<8xi32> = dense<[32, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
// CHECK-NEXT: aie.runtime_sequence @both(%arg0: memref<64xi32>, %arg1: memref<64xi32>) {
// CHECK-NEXT: aiex.npu.load_pdi {device_ref = @first}
// CHECK-NEXT: %0 = memref.get_global @blockwrite_data_0 : memref<8xi32>
// CHECK-NEXT: aiex.npu.blockwrite(%0) {address = 118784 : ui32} : memref<8xi32>
// CHECK-NEXT: aiex.npu.address_patch {addr = 118788 : ui32, arg_idx = 0 : i32, arg_plus = 0 : i32}
// CHECK-NEXT: aiex.npu.write32 {address = 119316 : ui32, value = 2147483648 : ui32}
// CHECK-NEXT: aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
// CHECK-NEXT: %1 = memref.get_global @blockwrite_data_0 : memref<8xi32>
// CHECK-NEXT: aiex.npu.blockwrite(%1) {address = 118784 : ui32} : memref<8xi32>
// CHECK-NEXT: aiex.npu.address_patch {addr = 118788 : ui32, arg_idx = 1 : i32, arg_plus = 0 : i32}
// CHECK-NEXT: aiex.npu.write32 {address = 119316 : ui32, value = 2147483648 : ui32}
// CHECK-NEXT: aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
// CHECK-NEXT: aiex.npu.load_pdi {device_ref = @second}
// CHECK-NEXT: %2 = memref.get_global @blockwrite_data_1 : memref<8xi32>
// CHECK-NEXT: aiex.npu.blockwrite(%2) {address = 67227680 : ui32} : memref<8xi32>
// CHECK-NEXT: aiex.npu.address_patch {addr = 67227684 : ui32, arg_idx = 1 : i32, arg_plus = 128 : i32}
// CHECK-NEXT: aiex.npu.write32 {address = 67228188 : ui32, value = 2147483649 : ui32}
// CHECK-NEXT: aiex.npu.sync {channel = 1 : i32, column = 2 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.device(npu1) @first {
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK-NEXT: aie.shim_dma_allocation @out(%shim_noc_tile_0_0, MM2S, 0)
// CHECK-NEXT: memref.global "private" constant @blockwrite_data_0 : memref<8xi32> = dense<[64, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
// CHECK-NEXT: aie.runtime_sequence @send(%arg0: memref<64xi32>) {
// CHECK-NEXT: %0 = memref.get_global @blockwrite_data_0 : memref<8xi32>
// CHECK-NEXT: aiex.npu.blockwrite(%0) {address = 118784 : ui32} : memref<8xi32>
// CHECK-NEXT: aiex.npu.address_patch {addr = 118788 : ui32, arg_idx = 0 : i32, arg_plus = 0 : i32}
// CHECK-NEXT: aiex.npu.write32 {address = 119316 : ui32, value = 2147483648 : ui32}
// CHECK-NEXT: aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.device(npu1) @second {
// CHECK-NEXT: %shim_noc_tile_2_0 = aie.tile(2, 0)
// CHECK-NEXT: aie.shim_dma_allocation @out(%shim_noc_tile_2_0, MM2S, 1)
// CHECK-NEXT: memref.global "private" constant @blockwrite_data_0 : memref<8xi32> = dense<[32, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
// CHECK-NEXT: aie.runtime_sequence @send(%arg0: memref<64xi32>) {
// CHECK-NEXT: %0 = memref.get_global @blockwrite_data_0 : memref<8xi32>
// CHECK-NEXT: aiex.npu.blockwrite(%0) {address = 67227680 : ui32} : memref<8xi32>
// CHECK-NEXT: aiex.npu.address_patch {addr = 67227684 : ui32, arg_idx = 0 : i32, arg_plus = 128 : i32}
// CHECK-NEXT: aiex.npu.write32 {address = 67228188 : ui32, value = 2147483649 : ui32}
// CHECK-NEXT: aiex.npu.sync {channel = 1 : i32, column = 2 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: }
module {
  aie.device(npu1) @main {
    aie.runtime_sequence @both(%a: memref<64xi32>, %b: memref<64xi32>) {
      aiex.configure @first {
        aiex.run @send(%a) : (memref<64xi32>)
        aiex.run @send(%b) : (memref<64xi32>)
      }
      aiex.configure @second {
        aiex.run @send(%b) : (memref<64xi32>)
      }
    }
  }
  aie.device(npu1) @first {
    %t00 = aie.tile(0, 0)
    aie.shim_dma_allocation @out(%t00, MM2S, 0)
    aie.runtime_sequence @send(%a: memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 0 : i64, metadata = @out, issue_token = true} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
  aie.device(npu1) @second {
    %t20 = aie.tile(2, 0)
    aie.shim_dma_allocation @out(%t20, MM2S, 1)
    aie.runtime_sequence @send(%a: memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 32][1, 1, 1, 32][0, 0, 0, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
