// A flow of tokens that the design brings along drops its packet's header, which is all that a token is. The one of
// the pass comes behind it and keeps it.
// RUN: aie-opt --route %s | FileCheck %s
// CHECK: aie.switchbox(%shim_noc_tile_0_0) {
// CHECK: aie.masterset(South : 0, %0) {keep_pkt_header = true}
// CHECK: aie.packet_flow(2) {
// CHECK: aie.packet_flow(2) {
// CHECK: } {keep_pkt_header = true, priority_route = true}
module {
  aie.device(npu1) {
    %shim = aie.tile(0, 0) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 2>}
    %core = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 1>}
    aie.packet_flow(1) {
      aie.packet_source<%core, TileControl : 0>
      aie.packet_dest<%shim, South : 0>
    }
    aie.packet_flow(2) {
      aie.packet_source<%shim, TileControl : 0>
      aie.packet_dest<%shim, South : 0>
    }
  }
}
