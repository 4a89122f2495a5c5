// Host to core and back, and the flow of tokens: as in the public builds.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.device(npu1) {
// CHECK-NEXT: %shim_noc_tile_0_0 = aie.tile(0, 0) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 15>}
// CHECK-NEXT: %tile_0_2 = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 27>}
// CHECK-NEXT: aie.packet_flow(15) {
// CHECK-NEXT: aie.packet_source<%shim_noc_tile_0_0, TileControl : 0>
// CHECK-NEXT: aie.packet_dest<%shim_noc_tile_0_0, South : 0>
// CHECK-NEXT: } {keep_pkt_header = true, priority_route = true}
// CHECK-NEXT: %switchbox_0_0 = aie.switchbox(%shim_noc_tile_0_0) {
// CHECK-NEXT: aie.connect<South : 3, North : 1>
// CHECK-NEXT: aie.connect<North : 0, South : 2>
// CHECK-NEXT: %0 = aie.amsel<5> (3)
// CHECK-NEXT: %1 = aie.masterset(South : 0, %0) {keep_pkt_header = true}
// CHECK-NEXT: aie.packet_rules(TileControl : 0) {
// CHECK-NEXT: aie.rule(31, 15, %0)
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: %shim_mux_0_0 = aie.shim_mux(%shim_noc_tile_0_0) {
// CHECK-NEXT: aie.connect<DMA : 0, North : 3>
// CHECK-NEXT: aie.connect<North : 2, DMA : 0>
// CHECK-NEXT: }
// CHECK-NEXT: %mem_tile_0_1 = aie.tile(0, 1)
// CHECK-NEXT: %switchbox_0_1 = aie.switchbox(%mem_tile_0_1) {
// CHECK-NEXT: aie.connect<South : 1, North : 1>
// CHECK-NEXT: aie.connect<North : 0, South : 0>
// CHECK-NEXT: }
// CHECK-NEXT: %switchbox_0_2 = aie.switchbox(%tile_0_2) {
// CHECK-NEXT: aie.connect<South : 1, DMA : 0>
// CHECK-NEXT: aie.connect<DMA : 0, South : 0>
// CHECK-NEXT: }
// CHECK-NEXT: aie.wire(%shim_mux_0_0 : North, %switchbox_0_0 : South)
// CHECK-NEXT: aie.wire(%shim_noc_tile_0_0 : DMA, %shim_mux_0_0 : DMA)
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : Core, %switchbox_0_1 : Core)
// CHECK-NEXT: aie.wire(%mem_tile_0_1 : DMA, %switchbox_0_1 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_0 : North, %switchbox_0_1 : South)
// CHECK-NEXT: aie.wire(%tile_0_2 : Core, %switchbox_0_2 : Core)
// CHECK-NEXT: aie.wire(%tile_0_2 : DMA, %switchbox_0_2 : DMA)
// CHECK-NEXT: aie.wire(%switchbox_0_1 : North, %switchbox_0_2 : South)
// CHECK-NEXT: }
// CHECK-NEXT: }
module {
  aie.device(npu1) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.flow(%shim, DMA : 0, %core, DMA : 0)
    aie.flow(%core, DMA : 0, %shim, DMA : 0)
  }
}
