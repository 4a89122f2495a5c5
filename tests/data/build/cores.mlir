// Two cores with a cascade between them, a stack of their own size, buffers with values, and a
// lowered runtime sequence.
module {
  aie.device(npu1_2col) {
    memref.global "private" constant @words : memref<8xi32> = dense<[64, 0, 0, 0, -2147483648, 33554432, 0, 33554432]>
    memref.global "private" constant @zeros : memref<4xi32> = dense<0>
    %left = aie.tile(0, 2)
    %right = aie.tile(1, 2)
    %shim = aie.tile(0, 0)
    %in = aie.buffer(%left) {address = 2048 : i32, mem_bank = 0 : i32, sym_name = "in"} : memref<64xi32>
    %odd = aie.buffer(%left) {address = 4097 : i32, mem_bank = 0 : i32, sym_name = "odd"} : memref<7xi8> = dense<[1, 2, 3, 4, 5, 6, 7]>
    %gain = aie.buffer(%right) {address = 16384 : i32, mem_bank = 1 : i32, sym_name = "gain"} : memref<4xbf16> = dense<1.000000e+00>
    %count = aie.buffer(%right) {address = 1024 : i32, mem_bank = 0 : i32, sym_name = "count"} : memref<2x2xi16> = dense<[[1, -1], [256, 0]]>
    %free = aie.lock(%left, 0) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%left, 15) {init = 0 : i32, sym_name = "full"}
    func.func private @scale(memref<64xi32>, memref<4xbf16>) attributes {link_with = "scale.o"}
    %core_left = aie.core(%left) {
      aie.end
    } {stack_size = 2048 : i32, link_with = "first.o"}
    %core_right = aie.core(%right) {
      func.call @scale(%in, %gain) : (memref<64xi32>, memref<4xbf16>) -> ()
      aie.end
    }
    %mem = aie.mem(%left) {
      %0 = aie.dma_start(S2MM, 1, ^in, ^end)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%in : memref<64xi32>, 0, 64, [<size = 4, stride = 4>, <size = 4, stride = 16>, <size = 4, stride = 1>]) {bd_id = 15 : i32, next_bd_id = 15 : i32}
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^end:
      aie.end
    }
    aie.configure_cascade(%left, North, East)
    aie.configure_cascade(%right, West, South)
    aie.runtime_sequence @main(%arg0: memref<64xi32>) {
      %0 = memref.get_global @words : memref<8xi32>
      aiex.npu.blockwrite(%0) {address = 118784 : ui32} : memref<8xi32>
      aiex.npu.address_patch {addr = 118788 : ui32, arg_idx = 0 : i32, arg_plus = 64 : i32}
      %1 = memref.get_global @zeros : memref<4xi32>
      aiex.npu.blockwrite(%1) {address = 8 : ui32, buffer = @in} : memref<4xi32>
      aiex.npu.write32 {address = 3 : ui32, buffer = @in, value = 4294967295 : ui32}
      aiex.npu.write32 {address = 119300 : ui32, column = 1 : i32, row = 0 : i32, value = 2147483648 : ui32}
      aiex.npu.maskwrite32 {address = 119296 : ui32, mask = 7936 : ui32, value = 3840 : ui32}
      aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}
      aiex.npu.preempt {level = 1 : ui8}
      aiex.npu.load_pdi {id = 1 : i32, size = 32 : i32, address = 4096 : ui64}
    }
  }
}
