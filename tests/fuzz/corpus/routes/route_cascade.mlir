module {
  aie.device(npu1_2col) {
    %t03 = aie.tile(0, 3)
    %t13 = aie.tile(1, 3)
    %t12 = aie.tile(1, 2)
    aie.cascade_flow(%t03, %t13)
    aie.cascade_flow(%t13, %t12)
  }
}
