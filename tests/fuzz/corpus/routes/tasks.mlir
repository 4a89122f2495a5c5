module {
  aie.device(npu1_1col) {
    %t00 = aie.tile(0, 0)
    %t01 = aie.tile(0, 1)
    %t02 = aie.tile(0, 2)
    aie.shim_dma_allocation @in(%t00, MM2S, 1)
    %b = aie.buffer(%t02) {address = 4096 : i32, sym_name = "rtp"} : memref<64xi32>
    %m = aie.buffer(%t01) {address = 0 : i32} : memref<64xi32>
    %p = aie.lock(%t02, 0)
    %q = aie.lock(%t02, 1)
    aie.bd_chain @two(%x: memref<64xi32>) {
      aie.dma_bd(%x : memref<64xi32>, 0, 32)
      aie.next_bd ^more
    ^more:
      aie.dma_bd(%x : memref<64xi32>, 32, 32)
      aie.end
    }
    aie.runtime_sequence(%a: memref<64xi32>, %c: memref<128xi16>) {
      %s = memref.subview %c[32] [64] [1] : memref<128xi16> to memref<64xi16, strided<[1], offset: 32>>
      aiex.npu.dma_memcpy_nd(%s[0, 0, 0, 0][2, 1, 4, 8][16, 0, 8, 1], packet = <pkt_type = 1, pkt_id = 2>) {id = 9 : i64, metadata = @in, burst_length = 128} : memref<64xi16, strided<[1], offset: 32>>
      %k = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<64xi32>, 0, 32, [<size = 2, stride = 16>, <size = 4, stride = 4>, <size = 4, stride = 1>])
        aie.next_bd ^b
      ^b:
        aie.dma_bd(%a : memref<64xi32>, 32, 32) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 3>}
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%k)
      aiex.dma_await_task(%k)
      %l = aiex.dma_start_bd_chain @two(%a) : (memref<64xi32>) on (%t00, S2MM, 0) {issue_token = true, repeat_count = 3 : i32}
      aiex.dma_await_task(%l)
      %n = aiex.dma_configure_task(%t02, S2MM, 0) {
        aie.use_lock(%p, AcquireGreaterEqual, 1)
        aie.dma_bd(%b : memref<64xi32>, 8, 16) {bd_id = 2 : i32}
        aie.use_lock(%q, Release, 1)
        aie.end
      }
      aiex.dma_start_task(%n)
      %o = aiex.dma_configure_task(%t01, MM2S, 1) {
        aie.dma_bd(%m : memref<64xi32>, 0, 64, [<size = 8, stride = 8>, <size = 8, stride = 1>], [<const_pad_before = 1, const_pad_after = 1>, <const_pad_before = 2, const_pad_after = 2>])
        aie.end
      }
      aiex.dma_start_task(%o)
      aiex.dma_free_task(%o)
      aiex.set_lock(%p, 3)
      aiex.npu.rtp_write(@rtp, 3, 7)
      aiex.npu.maskwrite32 {address = 4 : ui32, buffer = @rtp, mask = 255 : ui32, value = 9 : ui32}
      aiex.npu.push_queue(0, 0, MM2S : 0) {bd_id = 1 : i32, issue_token = false, repeat_count = 2 : i32}
      aiex.npu.dma_wait {symbol = @in}
    }
  }
}
