module {
  aie.device(npu1_1col) {
    %t01 = aie.tile(0, 1)
    %t02 = aie.tile(0, 2)
    %t03 = aie.tile(0, 3)
    %s = aie.switchbox(%t02) {
      aie.connect<South : 0, DMA : 0>
      %a = aie.amsel<0> (0)
      %m = aie.masterset(North : 0, %a)
      aie.packet_rules(DMA : 1) {
        aie.rule(31, 1, %a)
      }
    }
    aie.flow(%t01, DMA : 0, %t03, DMA : 0)
    aie.packet_flow(5) {
      aie.packet_source<%t02, DMA : 0>
      aie.packet_dest<%t03, DMA : 1>
    }
  }
}
