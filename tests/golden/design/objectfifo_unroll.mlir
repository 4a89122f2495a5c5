// Depths 2 and 4 in one loop: four copies of the body; ten runs leave two behind the loop.
// RUN: aie-opt --aie-objectFifo-stateful-transform %s | FileCheck %s
// CHECK: %[[STEP:.*]] = arith.constant 1 : index
// CHECK: %[[UPPER:.*]] = arith.constant 8 : index
// CHECK-NEXT: %[[WIDE:.*]] = arith.constant 4 : index
// CHECK-NEXT: scf.for %[[I:.*]] = %{{.*}} to %[[UPPER]] step %[[WIDE]] {
// CHECK-NEXT: aie.use_lock(%a_cons_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: aie.use_lock(%b_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: func.call @work(%a_buff_0, %b_buff_0, %[[I]])
// CHECK-NEXT: aie.use_lock(%a_prod_lock_0, Release, 1)
// CHECK-NEXT: aie.use_lock(%b_cons_lock_0, Release, 1)
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT: %[[BY1:.*]] = arith.muli %[[STEP]], %[[ONE]] : index
// CHECK-NEXT: %[[I1:.*]] = arith.addi %[[I]], %[[BY1]] : index
// CHECK: func.call @work(%a_buff_1, %b_buff_1, %[[I1]])
// CHECK: func.call @work(%a_buff_0, %b_buff_2,
// CHECK: func.call @work(%a_buff_1, %b_buff_3,
// CHECK: }
// CHECK-NEXT: arith.constant 2 : index
// CHECK-NEXT: aie.use_lock(%a_cons_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: aie.use_lock(%b_prod_lock_0, AcquireGreaterEqual, 1)
// CHECK-NEXT: func.call @work(%a_buff_0, %b_buff_0, %[[UPPER]])
// CHECK: func.call @work(%a_buff_1, %b_buff_1,
// CHECK-NOT: func.call
module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    aie.objectfifo @a(%tile03, {%tile02}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @b(%tile02, {%tile03}, 4 : i32) : !aie.objectfifo<memref<16xi32>>
    func.func private @work(memref<16xi32>, memref<16xi32>, index)
    %core02 = aie.core(%tile02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c10 = arith.constant 10 : index
      scf.for %i = %c0 to %c10 step %c1 {
        %0 = aie.objectfifo.acquire @a(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %1 = aie.objectfifo.acquire @b(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %2 = aie.objectfifo.subview.access %0[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %3 = aie.objectfifo.subview.access %1[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        func.call @work(%2, %3, %i) : (memref<16xi32>, memref<16xi32>, index) -> ()
        aie.objectfifo.release @a(Consume, 1)
        aie.objectfifo.release @b(Produce, 1)
      }
      aie.end
    }
  }
}
