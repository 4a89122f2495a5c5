// Ids that go the same way share a rule; one packet to two tiles; trace; the multiplexer of the shim.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.device(npu1_2col) {
// CHECK-NEXT: %shim_noc_tile_1_0 = aie.tile(1, 0)
// CHECK-NEXT: %switchbox_1_0 = aie.switchbox(%shim_noc_tile_1_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 15>}
// CHECK-NEXT: %shim_mux_0_0 = aie.shim_mux(%shim_noc_tile_0_0) {
// CHECK-NEXT: aie.connect<North : 3, DMA : 1>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_0 = aie.switchbox(%shim_noc_tile_0_0) {
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.amsel<5> (3)
// CHECK-NEXT: %2 = aie.masterset(South : 3, %0)
// CHECK-NEXT: %3 = aie.masterset(South : 0, %1) {keep_pkt_header = true}
// CHECK-NEXT: aie.packet_rules(TileControl : 0) {
// CHECK-NEXT: aie.rule(31, 15, %1)
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_rules(North : 3) {
// CHECK-NEXT: aie.rule(31, 9, %0)
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_rules(North : 0) {
// CHECK-NEXT: aie.rule(30, 2, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: %tile_0_2 = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %switchbox_0_2 = aie.switchbox(%tile_0_2) {
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.amsel<1> (0)
// CHECK-NEXT: %2 = aie.amsel<2> (0)
// CHECK-NEXT: %3 = aie.masterset(South : 0, %0)
// CHECK-NEXT: %4 = aie.masterset(South : 3, %2)
// CHECK-NEXT: %5 = aie.masterset(North : 3, %1)
// CHECK-NEXT: %6 = aie.masterset(East : 0, %1)
// CHECK-NEXT: aie.packet_rules(North : 1) {
// CHECK-NEXT: aie.rule(31, 9, %2)
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_rules(DMA : 0) {
// CHECK-NEXT: aie.rule(31, 8, %1)
// CHECK-NEXT: aie.rule(30, 2, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: %tile_0_3 = aie.tile(0, 3) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 29>}
// CHECK-NEXT: %switchbox_0_3 = aie.switchbox(%tile_0_3) {
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.amsel<1> (0)
// CHECK-NEXT: %2 = aie.masterset(DMA : 0, %0)
// CHECK-NEXT: %3 = aie.masterset(South : 1, %1)
// CHECK-NEXT: aie.packet_rules(Trace : 0) {
// CHECK-NEXT: aie.rule(31, 9, %1)
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_rules(South : 3) {
// CHECK-NEXT: aie.rule(31, 8, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: %tile_1_2 = aie.tile(1, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %switchbox_1_2 = aie.switchbox(%tile_1_2) {
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.masterset(DMA : 0, %0)
// CHECK-NEXT: aie.packet_rules(West : 0) {
// CHECK-NEXT: aie.rule(31, 8, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_flow(2) {
// CHECK-NEXT: aie.packet_source<%tile_0_2, DMA : 0>
// CHECK-NEXT: aie.packet_dest<%shim_noc_tile_0_0, DMA : 1>
// CHECK-NEXT: } {keep_pkt_header = true}
// CHECK-NEXT: aie.packet_flow(3) {
// CHECK-NEXT: aie.packet_source<%tile_0_2, DMA : 0>
// CHECK-NEXT: aie.packet_dest<%shim_noc_tile_0_0, DMA : 1>
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_flow(8) {
// CHECK-NEXT: aie.packet_source<%tile_0_2, DMA : 0>
// CHECK-NEXT: aie.packet_dest<%tile_1_2, DMA : 0>
// CHECK-NEXT: aie.packet_dest<%tile_0_3, DMA : 0>
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_flow(9) {
// CHECK-NEXT: aie.packet_source<%tile_0_3, Trace : 0>
// CHECK-NEXT: aie.packet_dest<%shim_noc_tile_0_0, DMA : 1>
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_flow(15) {
// CHECK-NEXT: aie.packet_source<%shim_noc_tile_0_0, TileControl : 0>
// CHECK-NEXT: aie.packet_dest<%shim_noc_tile_0_0, South : 0>
// CHECK-NEXT: } {keep_pkt_header = true, priority_route = true}
// CHECK-NEXT: %mem_tile_0_1 = aie.tile(0, 1)
// CHECK-NEXT: %switchbox_0_1 = aie.switchbox(%mem_tile_0_1) {
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.amsel<1> (0)
// CHECK-NEXT: %2 = aie.masterset(South : 0, %0)
// CHECK-NEXT: %3 = aie.masterset(South : 3, %1)
// CHECK-NEXT: aie.packet_rules(North : 3) {
// CHECK-NEXT: aie.rule(31, 9, %1)
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_rules(North : 0) {
// CHECK-NEXT: aie.rule(30, 2, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.wire(%shim_mux_0_0 : North, %switchbox_0_0 : South)
// CHECK-NEXT: aie.wire(%shim_noc_tile_0_0 : DMA, %shim_mux_0_0 : DMA)
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : Core, %switchbox_0_1 : Core)
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : DMA, %switchbox_0_1 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : North, %switchbox_0_1 : South)
// CHECK-NEXT: aie.wire(%tile_0_2 : Core, %switchbox_0_2 : Core)
// CHECK-NEXT: aie.wire(%tile_0_2 : DMA, %switchbox_0_2 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_1 : North, %switchbox_0_2 : South)
// CHECK-NEXT: aie.wire(%tile_0_3 : Core, %switchbox_0_3 : Core)
// CHECK-NEXT: aie.wire(%tile_0_3 : DMA, %switchbox_0_3 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_2 : North, %switchbox_0_3 : South)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : East, %switchbox_1_0 : West)
// CHECK-NEXT: aie.wire(%switchbox_0_2 : East, %switchbox_1_2 : West)
// CHECK-NEXT: aie.wire(%tile_1_2 : Core, %switchbox_1_2 : Core)
// CHECK-NEXT: aie.wire(%tile_1_2 : DMA, %switchbox_1_2 : DMA)
// CHECK-NEXT: }
// CHECK-NEXT: }
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
