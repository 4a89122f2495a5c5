// Connections, rules and arbiters that are there keep their ports.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.device(npu1_1col) {
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK-NEXT: %switchbox_0_0 = aie.switchbox(%shim_noc_tile_0_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %mem_tile_0_1 = aie.tile(0, 1) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 26>}
// CHECK-NEXT: %tile_0_2 = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %tile_0_3 = aie.tile(0, 3) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 29>}
// CHECK-NEXT: %switchbox_0_2 = aie.switchbox(%tile_0_2) {
// CHECK-NEXT: aie.connect<South : 0, DMA : 0>
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.masterset(North : 0, %0)
// CHECK-NEXT: aie.packet_rules(DMA : 1) {
// CHECK-NEXT: aie.rule(31, 1, %0)
// CHECK-NEXT: }
// CHECK-NEXT: aie.connect<South : 1, North : 2>
// CHECK-NEXT: %2 = aie.amsel<1> (0)
// CHECK-NEXT: %3 = aie.masterset(North : 5, %2)
// CHECK-NEXT: aie.packet_rules(DMA : 0) {
// CHECK-NEXT: aie.rule(31, 5, %2)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.packet_flow(5) {
// CHECK-NEXT: aie.packet_source<%tile_0_2, DMA : 0>
// CHECK-NEXT: aie.packet_dest<%tile_0_3, DMA : 1>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_1 = aie.switchbox(%mem_tile_0_1) {
// CHECK-NEXT: aie.connect<DMA : 0, North : 1>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_3 = aie.switchbox(%tile_0_3) {
// CHECK-NEXT: aie.connect<South : 2, DMA : 0>
// CHECK-NEXT: %0 = aie.amsel<0> (0)
// CHECK-NEXT: %1 = aie.masterset(DMA : 1, %0)
// CHECK-NEXT: aie.packet_rules(South : 5) {
// CHECK-NEXT: aie.rule(31, 5, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : Core, %switchbox_0_1 : Core)
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : DMA, %switchbox_0_1 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : North, %switchbox_0_1 : South)
// CHECK-NEXT: aie.wire(%tile_0_2 : Core, %switchbox_0_2 : Core)
// CHECK-NEXT: aie.wire(%tile_0_2 : DMA, %switchbox_0_2 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_1 : North, %switchbox_0_2 : South)
// CHECK-NEXT: aie.wire(%tile_0_3 : Core, %switchbox_0_3 : Core)
// CHECK-NEXT: aie.wire(%tile_0_3 : DMA, %switchbox_0_3 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_2 : North, %switchbox_0_3 : South)
// CHECK-NEXT: }
// CHECK-NEXT: }
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
