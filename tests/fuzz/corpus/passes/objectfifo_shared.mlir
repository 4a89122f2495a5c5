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
