// The lowest free number, around those that are given.
// RUN: aie-opt --aie-assign-lock-ids %s | FileCheck %s
// CHECK: %a = aie.lock(%tile_0_2, 0) {sym_name = "a"}
// CHECK: %b = aie.lock(%tile_0_2, 1) {sym_name = "b"}
// CHECK: %c = aie.lock(%tile_0_2, 2) {sym_name = "c"}
// CHECK: %d = aie.lock(%tile_0_3, 0) {sym_name = "d"}
module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile03 = aie.tile(0, 3)
    %a = aie.lock(%tile02) {sym_name = "a"}
    %b = aie.lock(%tile02, 1) {sym_name = "b"}
    %c = aie.lock(%tile02) {sym_name = "c"}
    %d = aie.lock(%tile03) {sym_name = "d"}
  }
}
