module {
  aie.device(npu1) @other {
    aie.runtime_sequence @go(%a: memref<8xi32>) {
    }
  }
  aie.device(npu1) {
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    %l = aie.lock(%c, 0)
    %rtp = aie.buffer(%c) {address = 1024 : i32, sym_name = "rtp"} : memref<16xi32>
    memref.global "private" constant @words : memref<8xi32> = dense<[200, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
    aie.shim_dma_allocation @in(%s, MM2S, 0)
    aie.shim_dma_allocation @out(%s, S2MM, 0)
    aie.bd_chain @chain(%x: memref<8xi32>) {
      aie.dma_bd(%x : memref<8xi32>, 0, 8)
      aie.end
    }
    aie.runtime_sequence(%a: memref<8xi32>, %b: memref<64xi8>) {
      %c8 = arith.constant 8 : i64
      %c0 = arith.constant 0 : i64
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, %c8][%c0, 0, 0, 1]) {id = 0 : i64, metadata = @in, issue_token = true} : memref<8xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 4][1, 1, 2, 8][0, 0, 16, 1], packet = <pkt_type = 0, pkt_id = 4>) {burst_length = 64 : i64, id = 1 : i64, metadata = @out} : memref<64xi8>
      aiex.npu.dma_wait {symbol = @out}
      aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}
      aiex.npu.write32 {address = 0x1D004 : ui32, column = 0 : i32, row = 0 : i32, value = 4294967295 : ui32}
      aiex.npu.write32 {address = 1 : ui32, buffer = @rtp, value = 1 : ui32}
      aiex.npu.maskwrite32 {address = 119296 : ui32, mask = 7936 : ui32, value = 3840 : ui32}
      %w = memref.get_global @words : memref<8xi32>
      aiex.npu.blockwrite(%w) {address = 118816 : ui32} : memref<8xi32>
      aiex.npu.address_patch {addr = 118820 : ui32, arg_idx = 0 : i32, arg_plus = 0 : i32}
      aiex.npu.rtp_write(@rtp, 3, -5)
      aiex.npu.push_queue(0, 0, MM2S : 0) {bd_id = 3 : i32, issue_token = true, repeat_count = 0 : i32}
      aiex.npu.writebd {bd_id = 1 : i32, buffer_length = 8 : i32, buffer_offset = 0 : i32, column = 0 : i32, d0_size = 0 : i32, d0_stride = 0 : i32, d0_zero_after = 0 : i32, d0_zero_before = 0 : i32, d1_size = 0 : i32, d1_stride = 0 : i32, d1_zero_after = 0 : i32, d1_zero_before = 0 : i32, d2_size = 0 : i32, d2_stride = 0 : i32, d2_zero_after = 0 : i32, d2_zero_before = 0 : i32, enable_packet = 0 : i32, iteration_current = 0 : i32, iteration_size = 0 : i32, iteration_stride = 0 : i32, lock_acq_enable = 0 : i32, lock_acq_id = 0 : i32, lock_acq_val = 0 : i32, lock_rel_id = 0 : i32, lock_rel_val = 0 : i32, next_bd = 0 : i32, out_of_order_id = 0 : i32, packet_id = 0 : i32, packet_type = 0 : i32, row = 0 : i32, use_next_bd = 0 : i32, valid_bd = 1 : i32}
      aiex.npu.load_pdi {device_ref = @other}
      aiex.npu.preempt {level = 1 : ui8}
      aiex.control_packet {address = 0 : ui32, data = array<i32: 1, -2>, opcode = 0 : i32, stream_id = 1 : i32}
      aiex.set_lock(%l, 1)
      %t = aiex.dma_configure_task(%s, MM2S, 0, <pkt_type = 0, pkt_id = 1>) {
        aie.dma_bd(%a : memref<8xi32>, 0, 8, [<size = 2, stride = 4>, <size = 4, stride = 1>]) {bd_id = 5 : i32}
        aie.next_bd ^next
      ^next:
        aie.dma_bd(%a : memref<8xi32>, 0, 8) {burst_length = 128 : i32}
        aie.end
      } {issue_token = true, repeat_count = 1 : i32}
      %u = aiex.dma_configure_task_for @out {
        aie.dma_bd(%b : memref<64xi8>)
        aie.end
      }
      aiex.dma_start_task(%t)
      aiex.dma_await_task(%t)
      aiex.dma_free_task(%u)
      %v = aiex.dma_start_bd_chain @chain(%a) : (memref<8xi32>) on (%s, MM2S, 1) {issue_token = true}
      %x = aiex.dma_start_bd_chain_for @chain(%a) : (memref<8xi32>) for @in
      aiex.configure @other {
        aiex.run @go(%a) : (memref<8xi32>)
      }
    }
  }
}
