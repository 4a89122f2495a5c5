// Neighbors share a memory: no DMA, no flow; the elements lie with the producer.
// RUN: aie-opt --aie-objectFifo-stateful-transform %s | FileCheck %s
// CHECK: %a_buff_0 = aie.buffer(%tile_0_2) {sym_name = "a_buff_0"} : memref<16xi32>
// CHECK-NEXT: %a_buff_1 = aie.buffer(%tile_0_2)
// CHECK-NEXT: %a_prod_lock_0 = aie.lock(%tile_0_2, 0) {init = 2 : i32, sym_name = "a_prod_lock_0"}
// CHECK-NEXT: %a_cons_lock_0 = aie.lock(%tile_0_2, 1) {init = 0 : i32, sym_name = "a_cons_lock_0"}
// CHECK: aie.core(%tile_0_3)
// CHECK-NEXT: aie.use_lock(%a_cons_lock_0, AcquireGreaterEqual, 2)
// CHECK-NEXT: memref.copy %a_buff_0, %a_buff_1
// CHECK-NEXT: aie.use_lock(%a_prod_lock_0, Release, 2)
// CHECK-NOT: aie.flow
// CHECK-NOT: aie.mem(
module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    aie.objectfifo @a(%tile02, {%tile03}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    %core03 = aie.core(%tile03) {
      %0 = aie.objectfifo.acquire @a(Consume, 2) : !aie.objectfifosubview<memref<16xi32>>
      %1 = aie.objectfifo.subview.access %0[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %2 = aie.objectfifo.subview.access %0[1] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      memref.copy %1, %2 : memref<16xi32> to memref<16xi32>
      aie.objectfifo.release @a(Consume, 2)
      aie.end
    }
  }
}
