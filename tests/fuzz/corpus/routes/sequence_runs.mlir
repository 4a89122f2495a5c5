module {
  aie.device(npu1) @main {
    aie.runtime_sequence @both(%a: memref<64xi32>, %b: memref<64xi32>) {
      aiex.configure @first {
        aiex.run @send(%a) : (memref<64xi32>)
        aiex.run @send(%b) : (memref<64xi32>)
      }
      aiex.configure @second {
        aiex.run @send(%b) : (memref<64xi32>)
      }
    }
  }
  aie.device(npu1) @first {
    %t00 = aie.tile(0, 0)
    aie.shim_dma_allocation @out(%t00, MM2S, 0)
    aie.runtime_sequence @send(%a: memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 0 : i64, metadata = @out, issue_token = true} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
  aie.device(npu1) @second {
    %t20 = aie.tile(2, 0)
    aie.shim_dma_allocation @out(%t20, MM2S, 1)
    aie.runtime_sequence @send(%a: memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 32][1, 1, 1, 32][0, 0, 0, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
