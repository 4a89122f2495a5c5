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
