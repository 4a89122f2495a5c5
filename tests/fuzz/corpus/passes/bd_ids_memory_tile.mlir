module {
  aie.device(npu1) {
    %tile01 = aie.tile(0, 1)
    %a = aie.buffer(%tile01) {sym_name = "a"} : memref<8xi32>
    %dma = aie.memtile_dma(%tile01) {
      %0 = aie.dma_start(S2MM, 0, ^bb1, ^bb3)
    ^bb1:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb2
    ^bb2:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb1
    ^bb3:
      %1 = aie.dma_start(MM2S, 1, ^bb4, ^bb5)
    ^bb4:
      aie.dma_bd(%a : memref<8xi32>, 0, 8)
      aie.next_bd ^bb4
    ^bb5:
      aie.end
    }
  }
}
