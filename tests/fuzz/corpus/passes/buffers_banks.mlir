module {
  aie.device(npu1) {
    %tile02 = aie.tile(0, 2)
    %tile01 = aie.tile(0, 1)
    %a = aie.buffer(%tile02) {sym_name = "a"} : memref<1000xi32>
    %b = aie.buffer(%tile02) {sym_name = "b"} : memref<900xi32>
    %c = aie.buffer(%tile02) {address = 40000 : i32, sym_name = "c"} : memref<100xi32>
    %d = aie.buffer(%tile02) {sym_name = "d"} : memref<800xi32>
    %e = aie.buffer(%tile02) {sym_name = "e"} : memref<700xi32>
    %m = aie.buffer(%tile01) {sym_name = "m"} : memref<10xi32>
    %n = aie.buffer(%tile01) {sym_name = "n"} : memref<10xi32>
    %core02 = aie.core(%tile02) {
      aie.end
    }
  }
}
