// Cascades become directions of tiles.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.device(npu1_2col) {
// CHECK-NEXT: %shim_noc_tile_1_0 = aie.tile(1, 0)
// CHECK-NEXT: %switchbox_1_0 = aie.switchbox(%shim_noc_tile_1_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0)
// CHECK-NEXT: %switchbox_0_0 = aie.switchbox(%shim_noc_tile_0_0) {
// CHECK-NEXT: }
// CHECK-NEXT: %tile_0_3 = aie.tile(0, 3) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 29>}
// CHECK-NEXT: %switchbox_0_3 = aie.switchbox(%tile_0_3) {
// CHECK-NEXT: }
// CHECK-NEXT: %tile_1_3 = aie.tile(1, 3) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 29>}
// CHECK-NEXT: %switchbox_1_3 = aie.switchbox(%tile_1_3) {
// CHECK-NEXT: }
// CHECK-NEXT: %tile_1_2 = aie.tile(1, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: %switchbox_1_2 = aie.switchbox(%tile_1_2) {
// CHECK-NEXT: }
// CHECK-NEXT: aie.configure_cascade(%tile_0_3, North, East)
// CHECK-NEXT: aie.configure_cascade(%tile_1_3, West, South)
// CHECK-NEXT: aie.configure_cascade(%tile_1_2, North, South)
// CHECK-NEXT: aie.wire(%tile_0_3 : Core, %switchbox_0_3 : Core)
// CHECK-NEXT: aie.wire(%tile_0_3 : DMA, %switchbox_0_3 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : East, %switchbox_1_0 : West)
// CHECK-NEXT: aie.wire(%tile_1_2 : Core, %switchbox_1_2 : Core)
// CHECK-NEXT: aie.wire(%tile_1_2 : DMA, %switchbox_1_2 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_3 : East, %switchbox_1_3 : West)
// CHECK-NEXT: aie.wire(%tile_1_3 : Core, %switchbox_1_3 : Core)
// CHECK-NEXT: aie.wire(%tile_1_3 : DMA, %switchbox_1_3 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_1_2 : North, %switchbox_1_3 : South)
// CHECK-NEXT: }
// CHECK-NEXT: }
module {
  aie.device(npu1_2col) {
    %t03 = aie.tile(0, 3)
    %t13 = aie.tile(1, 3)
    %t12 = aie.tile(1, 2)
    aie.cascade_flow(%t03, %t13)
    aie.cascade_flow(%t13, %t12)
  }
}
