module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %c = aie.buffer(%tile02) {sym_name = "c"} : memref<3xi8>
    %b = aie.buffer(%tile02) {sym_name = "b"} : memref<11xi8>
    %a = aie.buffer(%tile02) {sym_name = "a"} : memref<1000xi32>
    %g = aie.buffer(%tile02) {address = 6048 : i32, sym_name = "given"} : memref<10xi32>
    %core02 = aie.core(%tile02) {
      aie.end
    } {stack_size = 2048 : i32}
  }
}
