// Host to core to host: both ends of each objectfifo, names as in the public builds.
// RUN: aie-opt --aie-objectFifo-stateful-transform %s | FileCheck %s
// CHECK: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK: %tile_0_2 = aie.tile(0, 2)
// CHECK-NEXT: %of_out_cons_prod_lock_0 = aie.lock(%shim_noc_tile_0_0, 2) {init = 0 : i32, sym_name = "of_out_cons_prod_lock_0"}
// CHECK-NEXT: %of_out_cons_cons_lock_0 = aie.lock(%shim_noc_tile_0_0, 3) {init = 0 : i32, sym_name = "of_out_cons_cons_lock_0"}
// CHECK-NEXT: %of_out_buff_0 = aie.buffer(%tile_0_2) {sym_name = "of_out_buff_0"} : memref<16xi32>
// CHECK-NEXT: %of_out_buff_1 = aie.buffer(%tile_0_2) {sym_name = "of_out_buff_1"} : memref<16xi32>
// CHECK-NEXT: %of_out_prod_lock_0 = aie.lock(%tile_0_2, 2) {init = 2 : i32, sym_name = "of_out_prod_lock_0"}
// CHECK-NEXT: %of_out_cons_lock_0 = aie.lock(%tile_0_2, 3) {init = 0 : i32, sym_name = "of_out_cons_lock_0"}
// CHECK-NEXT: %of_in_cons_buff_0 = aie.buffer(%tile_0_2)
// CHECK-NEXT: %of_in_cons_buff_1 = aie.buffer(%tile_0_2)
// CHECK-NEXT: %of_in_cons_prod_lock_0 = aie.lock(%tile_0_2, 0) {init = 2 : i32
// CHECK-NEXT: %of_in_cons_cons_lock_0 = aie.lock(%tile_0_2, 1) {init = 0 : i32
// CHECK-NEXT: %of_in_prod_lock_0 = aie.lock(%shim_noc_tile_0_0, 0) {init = 0 : i32
// CHECK-NEXT: %of_in_cons_lock_0 = aie.lock(%shim_noc_tile_0_0, 1) {init = 0 : i32
// CHECK-NEXT: aie.flow(%shim_noc_tile_0_0, DMA : 0, %tile_0_2, DMA : 0)
// CHECK-NEXT: aie.flow(%tile_0_2, DMA : 0, %shim_noc_tile_0_0, DMA : 0)
// CHECK: aie.core(%tile_0_2)
// CHECK: aie.use_lock(%of_in_cons_cons_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: aie.use_lock(%of_out_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: memref.copy %of_in_cons_buff_0, %of_out_buff_0
// CHECK-NEXT: aie.use_lock(%of_in_cons_prod_lock_0, Release, 1)
// CHECK-NEXT: aie.use_lock(%of_out_cons_lock_0, Release, 1)
// CHECK-NEXT: aie.end
// CHECK: aie.shim_dma_allocation @of_in_shim_alloc(%shim_noc_tile_0_0, MM2S, 0)
// CHECK: aie.mem(%tile_0_2)
// CHECK: aie.dma_start(S2MM, 0, ^bb1, ^bb3)
// CHECK: aie.use_lock(%of_in_cons_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: aie.dma_bd(%of_in_cons_buff_0 : memref<16xi32>, 0, 16)
// CHECK-NEXT: aie.use_lock(%of_in_cons_cons_lock_0, Release, 1)
// CHECK-NEXT: aie.next_bd ^bb2
// CHECK: aie.next_bd ^bb1
// CHECK: aie.dma_start(MM2S, 0, ^bb4, ^bb6)
// CHECK: aie.use_lock(%of_out_cons_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: aie.dma_bd(%of_out_buff_0 : memref<16xi32>, 0, 16)
// CHECK-NEXT: aie.use_lock(%of_out_prod_lock_0, Release, 1)
// CHECK: aie.shim_dma_allocation @of_out_shim_alloc(%shim_noc_tile_0_0, S2MM, 0)
// CHECK-NOT: objectfifo
module {
  aie.device(npu1) {
    %tile00 = aie.tile(0, 0)
    %tile02 = aie.tile(0, 2)
    aie.objectfifo @of_in(%tile00, {%tile02}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @of_out(%tile02, {%tile00}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    %core02 = aie.core(%tile02) {
      %in = aie.objectfifo.acquire @of_in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %a = aie.objectfifo.subview.access %in[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %out = aie.objectfifo.acquire @of_out(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      %b = aie.objectfifo.subview.access %out[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      memref.copy %a, %b : memref<16xi32> to memref<16xi32>
      aie.objectfifo.release @of_in(Consume, 1)
      aie.objectfifo.release @of_out(Produce, 1)
      aie.end
    }
  }
}
