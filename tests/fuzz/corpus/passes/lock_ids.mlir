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
