// One input element in two parts through the memory tile: a pair of locks for each part.
// RUN: aie-opt --aie-objectFifo-stateful-transform --aie-assign-bd-ids %s | FileCheck %s
// CHECK: %in_cons_buff_0 = aie.buffer(%mem_tile_0_1) {sym_name = "in_cons_buff_0"} : memref<48xi32>
// CHECK: aie.lock(%mem_tile_0_1, 0) {init = 2 : i32, sym_name = "in_cons_prod_lock_0"}
// CHECK: aie.lock(%mem_tile_0_1, 3) {init = 0 : i32, sym_name = "in_cons_cons_lock_1"}
// CHECK: aie.flow(%shim_noc_tile_0_0, DMA : 0, %mem_tile_0_1, DMA : 0)
// CHECK: aie.flow(%mem_tile_0_1, DMA : 0, %tile_0_2, DMA : 0)
// CHECK: aie.flow(%mem_tile_0_1, DMA : 1, %tile_1_2, DMA : 0)
// CHECK: aie.memtile_dma(%mem_tile_0_1)
// CHECK: aie.dma_start(S2MM, 0
// CHECK: aie.use_lock(%in_cons_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK: aie.dma_bd(%in_cons_buff_0 : memref<48xi32>, 0, 16) {bd_id = 0 : i32, next_bd_id = 1 : i32}
// CHECK: aie.use_lock(%in_cons_prod_lock_1, AcquireGreaterEqual, 1)
// CHECK: aie.dma_bd(%in_cons_buff_0 : memref<48xi32>, 16, 32) {bd_id = 1 : i32, next_bd_id = 2 : i32}
// CHECK: aie.dma_bd(%in_cons_buff_1 : memref<48xi32>, 16, 32) {bd_id = 3 : i32, next_bd_id = 0 : i32}
// CHECK: aie.dma_start(MM2S, 0
// CHECK: aie.use_lock(%in_cons_cons_lock_0, AcquireGreaterEqual, 1)
// CHECK: aie.dma_bd(%in_cons_buff_0 : memref<48xi32>, 0, 16) {bd_id = 4 : i32, next_bd_id = 5 : i32}
// CHECK: aie.dma_start(MM2S, 1
// CHECK: aie.use_lock(%in_cons_cons_lock_1, AcquireGreaterEqual, 1)
// CHECK: aie.dma_bd(%in_cons_buff_0 : memref<48xi32>, 16, 32) {bd_id = 24 : i32, next_bd_id = 25 : i32}
module {
  aie.device(npu1) {
    %tile00 = aie.tile(0, 0)
    %tile01 = aie.tile(0, 1)
    %tile02 = aie.tile(0, 2)
    %tile12 = aie.tile(1, 2)
    aie.objectfifo @in(%tile00, {%tile01}, 2 : i32) : !aie.objectfifo<memref<48xi32>>
    aie.objectfifo @a(%tile01, {%tile02}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @b(%tile01, {%tile12}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo.link [@in] -> [@a, @b] ([] [0, 16])
  }
}
