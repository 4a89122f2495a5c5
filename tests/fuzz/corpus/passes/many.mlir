aie.device(npu1) {
  %t00 = aie.tile(0, 0)
  %t01 = aie.tile(0, 1)
  %t11 = aie.tile(1, 1)
  %t02 = aie.tile(0, 2)
  %t03 = aie.tile(0, 3)
  %t22 = aie.tile(2, 2)
  %e = aie.external_buffer {sym_name = "e"} : memref<64xi32>
  aie.objectfifo @a(%t02, {%t22, %t01}, [2, 2, 3]) : !aie.objectfifo<memref<16xi32>>
  aie.objectfifo @b(%t22, {%t01}, 2 : i32) {via_DMA = true} : !aie.objectfifo<memref<16xi32>>
  aie.objectfifo @c(%t01 dimensionsToStream [<size = 4, stride = 1>], {%t00}, 2 : i32) {repeat_count = 2 : i32} : !aie.objectfifo<memref<32xi32>>
  aie.objectfifo.link [@b] -> [@c] ([] [])
  aie.objectfifo @d(%t02, {%t03}, 2 : i32) {disable_synchronization = true} : !aie.objectfifo<memref<2xi32>> = [dense<1> : memref<2xi32>, dense<[2, 3]> : memref<2xi32>]
  aie.objectfifo.allocate @d(%t03)
  aie.objectfifo @f(%t00, {%t11}, 2 : i32) {iter_count = 3 : i32, plio = true} : !aie.objectfifo<memref<16xi32>>
  aie.objectfifo.register_external_buffers @f(%t00, {%e}) : (memref<64xi32>)
  aie.core(%t02) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 8 : index
    scf.for %i = %c0 to %c9 step %c1 {
      %0 = aie.objectfifo.acquire @a(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      aie.objectfifo.release @a(Produce, 1)
      %1 = aie.objectfifo.acquire @d(Produce, 2) : !aie.objectfifosubview<memref<2xi32>>
      %2 = aie.objectfifo.subview.access %1[1] : !aie.objectfifosubview<memref<2xi32>> -> memref<2xi32>
      aie.objectfifo.release @d(Produce, 2)
    }
    aie.end
  }
  aie.runtime_sequence(%in : memref<16xi32>) {
    aiex.npu.dma_wait {symbol = @f}
  }
}
