module {
  aie.device(npu1_2col) {
    %t01 = aie.tile(0, 1)
    %t02 = aie.tile(0, 2)
    %t04 = aie.tile(0, 4)
    %t12 = aie.tile(1, 2)
    aie.flow(%t01, DMA : 3, %t02, DMA : 1)
    aie.flow(%t01, DMA : 3, %t04, DMA : 0)
    aie.flow(%t01, DMA : 3, %t12, Core : 0)
  }
}
