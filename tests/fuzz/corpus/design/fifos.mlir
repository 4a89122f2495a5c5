// Object fifos: one through a memory tile, one that distributes, one with layouts.
module @fifos attributes {tessera.note = "hand-written"} {
  aie.device(npu1) @main {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aie.objectfifo @in(%shim, {%mem}, 2 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @in_a(%mem dimensionsToStream [<size = 4, stride = 4>, <size = 4, stride = 1>], {%a}, [2, 3]) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @in_b(%mem, {%b dimensionsFromStream [<size = 16, stride = 1>]}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.link [@in] -> [@in_a, @in_b] ([] [0, 16])
    aie.objectfifo @out(%a, {%b}, 2 : i32) {disable_synchronization = true, via_DMA = true} : !aie.objectfifo<memref<2x2xi32>> = [dense<[[1, 2], [3, 4]]> : memref<2x2xi32>, dense<0> : memref<2x2xi32>]
    aie.objectfifo @near(%b, {%a}, 1 : i32) : !aie.objectfifo<memref<4xi8>>
    aie.objectfifo.allocate @near (%a)
    aie.objectfifo @stream(%a, {%b}, 1 : i32) {aie_stream = 0 : i32, aie_stream_port = 1 : i32} : !aie.objectfifo<memref<4xi32>>
    aie.objectfifo @padded(%mem dimensionsToStream [<size = 4, stride = 1>], {%a}, 1 : i32) {iter_count = 4 : i32, repeat_count = 2 : i32, padDimensions = #aie<bd_pad_layout_array[<const_pad_before = 1, const_pad_after = 3>]>} : !aie.objectfifo<memref<4xi32>>
    %ext = aie.external_buffer {sym_name = "ext"} : memref<32xi32>
    aie.objectfifo.register_external_buffers @in (%shim, {%ext}) : (memref<32xi32>)
    func.func private @kernel(memref<16xi32>, memref<2x2xi32>) attributes {link_with = "kernel.o"}
    %core = aie.core(%a) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 0xFFFFFFFF : index
      scf.for %i = %c0 to %n step %c1 {
        %s = aie.objectfifo.acquire @in_a (Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %o = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %t = aie.objectfifo.acquire @out(Produce, 2) : !aie.objectfifosubview<memref<2x2xi32>>
        %p = aie.objectfifo.subview.access %t[1] : !aie.objectfifosubview<memref<2x2xi32>> -> memref<2x2xi32>
        func.call @kernel(%o, %p) : (memref<16xi32>, memref<2x2xi32>) -> ()
        aie.objectfifo.release @in_a (Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    } {dynamic_objfifo_lowering = true, stack_size = 0x800 : i32}
  }
}
