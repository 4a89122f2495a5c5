// In a memory tile odd channels have the descriptors from 24 on.
// RUN: aie-opt --aie-assign-bd-ids %s | FileCheck %s
// CHECK: aie.dma_start(S2MM, 0
// CHECK: aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 0 : i32, next_bd_id = 1 : i32}
// CHECK: aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 1 : i32, next_bd_id = 0 : i32}
// CHECK: aie.dma_start(MM2S, 1
// CHECK: aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 24 : i32, next_bd_id = 24 : i32}
module {
  aie.device(npu1) {
    %tile01 = aie.tile(0, 1)
    %a = aie.buffer(%tile01) {sym_name = "a"} : memref<8xi32>
    %dma = aie.memtile_dma(%tile01) {
      %0 = aie.dma_start(S2MM, 0, ^bb1, ^bb3)
    ^bb1:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb2
    ^bb2:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb1
    ^bb3:
      %1 = aie.dma_start(MM2S, 1, ^bb4, ^bb5)
    ^bb4:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb4
    ^bb5:
      aie.end
    }
  }
}
