module {
  aie.device(npu1_1col) {
    %0 = aie.tile(0, 0) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 15>}
    %1 = aie.tile(0, 1) {allocation_scheme = "basic-sequential"}
    %2 = aie.tile(0, 2)
    %in = aie.buffer(%2) {address = 1024 : i32, mem_bank = 0 : i32, sym_name = "in"} : memref<4x4xi8> = dense<"0x000102030405060708090A0B0C0D0E0F">
    %out = aie.buffer(%2) : memref<16xi8> = dense<7>
    %big = aie.buffer(%1) : memref<64xi32>
    %l0 = aie.lock(%2, 0) {init = 1 : i32, sym_name = "l0"}
    %l1 = aie.lock(%2)
    %lm = aie.lock(%1, 63) {init = 0 : i32}
    %core = aie.core(%2) {
      aie.use_lock(%l0, AcquireGreaterEqual, 1)
      aie.use_lock(%l1, "Release", 1)
      aie.use_lock(%l1, Acquire, 1, Blocking)
      aie.use_lock(%l1, Release)
      aie.end
    } {link_with = "a.o"}
    %mem = aie.mem(%2) {
      %d = aie.dma_start(S2MM, 0, ^bb1, ^bb2, repeat_count = 3)
    ^bb1:
      aie.use_lock(%l0, AcquireGreaterEqual, 1)
      aie.dma_bd(%in : memref<4x4xi8>, 0, 16) {bd_id = 0 : i32, next_bd_id = 0 : i32}
      aie.use_lock(%l1, Release, 1)
      aie.next_bd ^bb1
    ^bb2:
      %e = aie.dma_start("MM2S", 1, ^bb3, ^bb4)
    ^bb3:
      aie.dma_bd(%out : memref<16xi8>) {packet = #aie.packet_info<pkt_type = 1, pkt_id = 3>}
      aie.next_bd ^bb4
    ^bb4:
      aie.end
    }
    %dma = aie.memtile_dma(%1) {
      %d = aie.dma_start(MM2S, 5, ^a, ^b)
    ^a:
      aie.use_lock(%lm, Acquire, 1)
      aie.dma_bd(%big : memref<64xi32>, 4, 32, [<size = 2, stride = 16>, <size = 2, stride = 4>, <size = 2, stride = 2>, <size = 2, stride = 1>], [<const_pad_before = 0, const_pad_after = 0>, <const_pad_before = 0, const_pad_after = 0>, <const_pad_before = 0, const_pad_after = 0>, <const_pad_before = 0, const_pad_after = 0>], pad_value = 5)
      aie.use_lock(%lm, Release, 0)
      aie.next_bd ^a
    ^b:
      aie.end
    }
    aie.packet_flow(0x0F) {
      aie.packet_source<%0, TileControl : 0>
      aie.packet_dest<%0, South : 0>
    } {keep_pkt_header = true, priority_route = true}
    aie.flow(%0, DMA : 0, %2, DMA : 1)
    %switchbox_0_0 = aie.switchbox(%0) {
      aie.connect<South : 3, North : 1>
      %a = aie.amsel<5> (3)
      %m = aie.masterset(South : 0, %a) {keep_pkt_header = true}
      aie.packet_rules(TileControl : 0) {
        aie.rule(31, 15, %a)
      }
    }
    %shim_mux_0_0 = aie.shim_mux(%0) {
      aie.connect<DMA : 0, North : 3>
      aie.connect<North : 2, DMA : 0>
    }
    aie.wire(%shim_mux_0_0 : North, %switchbox_0_0 : South)
    %sdma = aie.shim_dma(%0) {
      aie.end
    }
    aie.shim_dma_allocation @in_alloc(%0, MM2S, 0, <pkt_type = 0, pkt_id = 2>)
  }
}
