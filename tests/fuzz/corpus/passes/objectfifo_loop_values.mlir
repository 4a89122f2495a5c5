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
