module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    aie.objectfifo @a(%tile02, {%tile03}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    %core02 = aie.core(%tile02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %v = arith.constant 7 : i32
      scf.for %i = %c0 to %c4 step %c1 {
        scf.for %j = %c0 to %c4 step %c1 {
          %0 = aie.objectfifo.acquire @a(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
          %1 = aie.objectfifo.subview.access %0[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
          memref.store %v, %1[%j] : memref<16xi32>
          aie.objectfifo.release @a(Produce, 1)
        }
      }
      aie.end
    }
  }
}
