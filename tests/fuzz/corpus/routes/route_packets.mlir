module {
  aie.device(npu1_2col) {
    %t00 = aie.tile(0, 0)
    %t02 = aie.tile(0, 2)
    %t03 = aie.tile(0, 3)
    %t12 = aie.tile(1, 2)
    aie.packet_flow(2) {
      aie.packet_source<%t02, DMA : 0>
      aie.packet_dest<%t00, DMA : 1>
    } {keep_pkt_header = true}
    aie.packet_flow(3) {
      aie.packet_source<%t02, DMA : 0>
      aie.packet_dest<%t00, DMA : 1>
    }
    aie.packet_flow(8) {
      aie.packet_source<%t02, DMA : 0>
      aie.packet_dest<%t12, DMA : 0>
      aie.packet_dest<%t03, DMA : 0>
    }
    aie.packet_flow(9) {
      aie.packet_source<%t03, Trace : 0>
      aie.packet_dest<%t00, DMA : 1>
    }
  }
}
