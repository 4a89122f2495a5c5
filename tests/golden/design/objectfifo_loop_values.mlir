// A loop that carries a value: the last copy's value goes on, the remainder begins with it.
// RUN: aie-opt --aie-objectFifo-stateful-transform %s | FileCheck %s
// CHECK: %[[FIRST:.*]] = arith.constant 0 : i32
// CHECK: %[[SUM:.*]] = scf.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[IN:.*]] = %[[FIRST]]) -> (i32) {
// CHECK: %[[A:.*]] = memref.load %a_buff_0
// CHECK: %[[S1:.*]] = arith.addi %[[IN]], %[[A]] : i32
// CHECK: %[[B:.*]] = memref.load %a_buff_1
// CHECK: %[[S2:.*]] = arith.addi %[[S1]], %[[B]] : i32
// CHECK: scf.yield %[[S2]] : i32
// CHECK: %[[C:.*]] = memref.load %a_buff_0
// CHECK: %[[S3:.*]] = arith.addi %[[SUM]], %[[C]] : i32
// CHECK: memref.store %[[S3]], %out
module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    %out = aie.buffer(%tile02) {sym_name = "out"} : memref<1xi32>
    aie.objectfifo @a(%tile03, {%tile02}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    %core02 = aie.core(%tile02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c5 = arith.constant 5 : index
      %zero = arith.constant 0 : i32
      %r = scf.for %i = %c0 to %c5 step %c1 iter_args(%s = %zero) -> (i32) {
        %0 = aie.objectfifo.acquire @a(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %1 = aie.objectfifo.subview.access %0[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %2 = memref.load %1[%c0] : memref<16xi32>
        %3 = arith.addi %s, %2 : i32
        aie.objectfifo.release @a(Consume, 1)
        scf.yield %3 : i32
      }
      memref.store %r, %out[%c0] : memref<1xi32>
      aie.end
    }
  }
}
