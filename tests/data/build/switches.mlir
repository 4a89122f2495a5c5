// Circuits and packets through switches of all kinds, both directions of a shim's multiplexer, and
// a shim DMA that is configured and not patched.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %tile = aie.tile(0, 2)
    %host = aie.external_buffer {address = 4294971392 : i64, sym_name = "host"} : memref<256xi32>
    %lock = aie.lock(%shim, 3) {init = 1 : i32, sym_name = "lock"}
    %done = aie.lock(%shim, 4) {init = 0 : i32, sym_name = "done"}
    %dma = aie.shim_dma(%shim) {
      %0 = aie.dma_start(MM2S, 1, ^send, ^receive)
    ^send:
      aie.use_lock(%lock, AcquireGreaterEqual, 1)
      aie.dma_bd(%host : memref<256xi32>, 64, 128, [<size = 8, stride = 16>, <size = 4, stride = 2>, <size = 4, stride = 1>]) {bd_id = 3 : i32, burst_length = 128 : i32}
      aie.use_lock(%done, Release, 1)
      aie.next_bd ^end
    ^receive:
      %1 = aie.dma_start(S2MM, 0, ^take, ^end)
    ^take:
      aie.dma_bd(%host : memref<256xi32>, 0, 256) {bd_id = 7 : i32, next_bd_id = 7 : i32}
      aie.next_bd ^take
    ^end:
      aie.end
    }
    %switch = aie.switchbox(%shim) {
      aie.connect<South : 7, North : 2>
      aie.connect<North : 3, South : 2>
      %a = aie.amsel<0> (0)
      %b = aie.amsel<5> (3)
      %m0 = aie.masterset(South : 3, %a)
      %m1 = aie.masterset(South : 0, %b) {keep_pkt_header = true}
      aie.packet_rules(North : 1) {
        aie.rule(28, 4, %a)
        aie.rule(31, 1, %b)
      }
      aie.packet_rules(TileControl : 0) {
        aie.rule(31, 15, %b)
      }
    }
    %switch_mem = aie.switchbox(%mem) {
      aie.connect<South : 2, North : 2>
      aie.connect<North : 3, South : 3>
      aie.connect<DMA : 5, DMA : 5>
      %a = aie.amsel<1> (2)
      %m = aie.masterset(South : 1, %a)
      aie.packet_rules(North : 1) {
        aie.rule(0, 0, %a)
      }
    }
    %switch_tile = aie.switchbox(%tile) {
      aie.connect<South : 2, Core : 0>
      aie.connect<Core : 0, South : 3>
      %a = aie.amsel<0> (0)
      %b = aie.amsel<0> (1)
      %m0 = aie.masterset(DMA : 0, %a)
      %m1 = aie.masterset(South : 1, %a, %b)
      aie.packet_rules(DMA : 0) {
        aie.rule(31, 5, %a)
      }
      aie.packet_rules(Trace : 0) {
        aie.rule(31, 1, %b)
      }
    }
    %mux = aie.shim_mux(%shim) {
      aie.connect<DMA : 1, North : 7>
      aie.connect<North : 2, DMA : 0>
      aie.connect<North : 3, DMA : 1>
    }
  }
}
