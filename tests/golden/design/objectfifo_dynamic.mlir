// The core counts for itself which element is next; loops stay as they are.
// RUN: aie-opt --aie-objectFifo-stateful-transform=dynamic-objFifos %s | FileCheck %s
// CHECK: %[[COUNTERS:.*]] = aie.buffer(%tile_0_2) : memref<1xi32>
// CHECK: aie.core(%tile_0_2)
// CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK: %[[PLACE:.*]] = arith.constant 0 : index
// CHECK: %[[DEPTH:.*]] = arith.constant 3 : i32
// CHECK: memref.store %[[ZERO]], %[[COUNTERS]][%[[PLACE]]] : memref<1xi32>
// CHECK: scf.for
// CHECK: aie.use_lock(%a_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK: %[[COUNT:.*]] = memref.load %[[COUNTERS]][%[[PLACE]]] : memref<1xi32>
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[COUNT]] : i32 to index
// CHECK: %[[CHOSEN:.*]] = scf.index_switch %[[INDEX]] -> memref<16xi32>
// CHECK-NEXT: case 0 {
// CHECK-NEXT: scf.yield %a_buff_0 : memref<16xi32>
// CHECK: case 2 {
// CHECK-NEXT: scf.yield %a_buff_2 : memref<16xi32>
// CHECK: default {
// CHECK-NEXT: scf.yield %a_buff_0 : memref<16xi32>
// CHECK: memref.store %{{.*}}, %[[CHOSEN]]
// CHECK: aie.use_lock(%a_cons_lock_0, Release, 1)
// CHECK: %[[OLD:.*]] = memref.load %[[COUNTERS]][%[[PLACE]]] : memref<1xi32>
// CHECK: %[[ONE:.*]] = arith.constant 1 : i32
// CHECK: %[[SUM:.*]] = arith.addi %[[OLD]], %[[ONE]] : i32
// CHECK: %[[OVER:.*]] = arith.cmpi sge, %[[SUM]], %[[DEPTH]] : i32
// CHECK: %[[LESS:.*]] = arith.subi %[[SUM]], %[[DEPTH]] : i32
// CHECK: %[[NEW:.*]] = arith.select %[[OVER]], %[[LESS]], %[[SUM]] : i32
// CHECK: memref.store %[[NEW]], %[[COUNTERS]][%[[PLACE]]] : memref<1xi32>
module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    aie.objectfifo @a(%tile02, {%tile03}, 3 : i32) : !aie.objectfifo<memref<16xi32>>
    %core02 = aie.core(%tile02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %v = arith.constant 7 : i32
      scf.for %j = %c0 to %c4 step %c1 {
        %0 = aie.objectfifo.acquire @a(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %1 = aie.objectfifo.subview.access %0[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        memref.store %v, %1[%j] : memref<16xi32>
        aie.objectfifo.release @a(Produce, 1)
      }
      aie.end
    }
  }
}
