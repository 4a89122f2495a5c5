// A placed design without cores: what the DMA of a memory tile can be told. Patterns of several
// dimensions, padding, packets, buffers and locks of both neighbors, repeats, chains.
module {
  aie.device(npu1_3col) {
    %west = aie.tile(0, 1)
    %own = aie.tile(1, 1)
    %east = aie.tile(2, 1)
    %w = aie.buffer(%west) {address = 65536 : i32, sym_name = "w"} : memref<64xi32>
    %a = aie.buffer(%own) {address = 0 : i32, sym_name = "a"} : memref<16x32xi16>
    %b = aie.buffer(%own) {address = 2048 : i32, sym_name = "b"} : memref<4x8x8xi32>
    %e = aie.buffer(%east) {address = 4 : i32, sym_name = "e"} : memref<12xi8> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1]>
    %free = aie.lock(%own, 0) {init = 2 : i32, sym_name = "free"}
    %full = aie.lock(%own, 1) {init = 0 : i32, sym_name = "full"}
    %other = aie.lock(%west, 63) {init = 1 : i32, sym_name = "other"}
    %third = aie.lock(%east, 5) {sym_name = "third"}
    %dma = aie.memtile_dma(%own) {
      %0 = aie.dma_start(S2MM, 0, ^in, ^next, repeat_count = 3)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%a : memref<16x32xi16>, 0, 512, [<size = 8, stride = 2>, <size = 16, stride = 32>, <size = 2, stride = 1>]) {bd_id = 0 : i32, next_bd_id = 1 : i32}
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in2
    ^in2:
      aie.use_lock(%free, AcquireGreaterEqual, 2)
      aie.dma_bd(%b : memref<4x8x8xi32>, 16, 128, [<size = 2, stride = 128>, <size = 2, stride = 64>, <size = 4, stride = 8>, <size = 8, stride = 1>]) {bd_id = 1 : i32, next_bd_id = 0 : i32}
      aie.use_lock(%full, Release, 2)
      aie.next_bd ^in
    ^next:
      %1 = aie.dma_start(MM2S, 1, ^out, ^end)
    ^out:
      aie.use_lock(%other, Acquire, 1)
      aie.dma_bd(%w : memref<64xi32>, 0, 72, [<size = 4, stride = 16>, <size = 16, stride = 1>], [<const_pad_before = 0, const_pad_after = 0>, <const_pad_before = 1, const_pad_after = 1>]) {bd_id = 24 : i32, packet = #aie.packet_info<pkt_type = 2, pkt_id = 9>}
      aie.use_lock(%third, Release, 1)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    %dma_east = aie.memtile_dma(%east) {
      %0 = aie.dma(S2MM, 4) {repeat_count = 1 : i32} [{
        aie.use_lock(%third, AcquireGreaterEqual)
        aie.dma_bd(%e : memref<12xi8>) {bd_id = 2 : i32}
        aie.use_lock(%third, Release)
      }]
      aie.end
    }
  }
}
