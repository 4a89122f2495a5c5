aie.device(npu1) {
  %0 = aie.logical_tile<CoreTile>(?, ?)
  %1 = aie.logical_tile<ShimNOCTile>(0, ?)
  %t = aie.tile(1, 2)
  %u = aie.tile(1, 3)
  %m = aie.tile(1, 1)
  aie.cascade_flow(%u, %t)
  aie.configure_cascade(%t, North, East)
  %l = aie.lock(%m, 0)
  %k = aie.lock(%m, 1)
  %b = aie.buffer(%m) : memref<16xi32>
  aie.core(%t) {
    %c = arith.constant 0 : i32
    %v = aie.get_stream(%c : i32) : i32
    aie.put_stream(%c : i32, %v : i32)
    %w = aie.get_cascade() : vector<16xi32>
    aie.put_cascade(%w : vector<16xi32>)
    aie.event(1)
    aie.end
  }
  aie.memtile_dma(%m) {
    %d = aie.dma(S2MM, 0) {loop = false, repeat_count = 2 : i32, sym_name = "d"} [{
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.dma_bd(%b : memref<16xi32>)
      aie.use_lock(%k, Release, 1)
    }, {
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.dma_bd(%b : memref<16xi32>, 0, 4)
      aie.use_lock(%k, Release, 1)
    }]
    aie.end
  }
  aie.objectfifo @f(%t, {%u}, 2 : i32) : !aie.objectfifo<memref<4xi32>>
  func.func @process() {
    return
  }
  %p = arith.constant dense<[1, 1]> : tensor<2xi32>
  %q = arith.constant dense<[1, 0]> : tensor<2xi32>
  %n = arith.constant 2 : index
  aie.objectfifo.register_process @f (Produce, %p : tensor<2xi32>, %q : tensor<2xi32>, @process, %n)
}
