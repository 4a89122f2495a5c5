// One source, three destinations: the way parts where it must, and not before.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.device(npu1_2col) {
// CHECK-NEXT: %shim_noc_tile_1_0 = aie.tile(1, 0)
// CHECK-NEXT: %switchbox_1_0 = aie.switchbox(%shim_noc_tile_1_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK-NEXT: %switchbox_0_0 = aie.switchbox(%shim_noc_tile_0_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %mem_tile_0_1 = aie.tile(0, 1) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 26>}
// CHECK-NEXT: %tile_0_2 = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %tile_0_4 = aie.tile(0, 4) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 30>}
// CHECK-NEXT: %tile_1_2 = aie.tile(1, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %switchbox_0_1 = aie.switchbox(%mem_tile_0_1) {
// CHECK-NEXT: aie.connect<DMA : 3, North : 1>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_2 = aie.switchbox(%tile_0_2) {
// CHECK-NEXT: aie.connect<South : 1, DMA : 1>
// CHECK-NEXT: aie.connect<South : 1, North : 1>
// CHECK-NEXT: aie.connect<South : 1, East : 2>
// CHECK-NEXT: }
// CHECK-NEXT: %tile_0_3 = aie.tile(0, 3)
// CHECK-NEXT: %switchbox_0_3 = aie.switchbox(%tile_0_3) {
// CHECK-NEXT: aie.connect<South : 1, North : 0>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_4 = aie.switchbox(%tile_0_4) {
// CHECK-NEXT: aie.connect<South : 0, DMA : 0>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_1_2 = aie.switchbox(%tile_1_2) {
// CHECK-NEXT: aie.connect<West : 2, Core : 0>
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
// CHECK-NEXT: aie.wire(%tile_0_4 : Core, %switchbox_0_4 : Core)
// CHECK-NEXT: aie.wire(%tile_0_4 : DMA, %switchbox_0_4 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_3 : North, %switchbox_0_4 : South)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : East, %switchbox_1_0 : West)
// CHECK-NEXT: aie.wire(%switchbox_0_2 : East, %switchbox_1_2 : West)
// CHECK-NEXT: aie.wire(%tile_1_2 : Core, %switchbox_1_2 : Core)
// CHECK-NEXT: aie.wire(%tile_1_2 : DMA, %switchbox_1_2 : DMA)
// CHECK-NEXT: }
// CHECK-NEXT: }
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
