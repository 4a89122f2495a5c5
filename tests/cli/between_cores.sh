# Three cores, built from MLIR alone: vectors go from one to the next through the cascade, words from
# there to the third through a stream; each of the latter adds 1 to every word.
cat >between.mlir <<'X'
module {
  aie.device(npu1_2col) {
    %t00 = aie.tile(0, 0)
    %t03 = aie.tile(0, 3)
    %t13 = aie.tile(1, 3)
    %t12 = aie.tile(1, 2)
    aie.cascade_flow(%t03, %t13)
    aie.flow(%t13, Core : 0, %t12, Core : 0)
    aie.objectfifo @in(%t00, {%t03}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @out(%t12, {%t00}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    %room = aie.buffer(%t13) {sym_name = "room"} : memref<64xi32>
    aie.core(%t03) {
      %view = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<64xi32>>
      %element = aie.objectfifo.subview.access %view[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
      affine.for %i = 0 to 64 step 16 {
        %x = vector.load %element[%i] : memref<64xi32>, vector<16xi32>
        aie.put_cascade(%x : vector<16xi32>)
      }
      aie.objectfifo.release @in(Consume, 1)
      aie.end
    }
    aie.core(%t13) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %channel = arith.constant 0 : i32
      %one = arith.constant dense<1> : vector<16xi32>
      affine.for %i = 0 to 64 step 16 {
        %x = aie.get_cascade() : vector<16xi32>
        %y = arith.addi %x, %one : vector<16xi32>
        vector.store %y, %room[%i] : memref<64xi32>, vector<16xi32>
      }
      cf.br ^next(%c0 : index)
    ^next(%k: index):
      %word = memref.load %room[%k] : memref<64xi32>
      aie.put_stream(%channel : i32, %word : i32)
      %n = arith.addi %k, %c1 : index
      %more = arith.cmpi ne, %n, %c64 : index
      cf.cond_br %more, ^next(%n : index), ^end
    ^end:
      aie.end
    }
    aie.core(%t12) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %channel = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %view = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<64xi32>>
      %element = aie.objectfifo.subview.access %view[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
      cf.br ^next(%c0 : index)
    ^next(%k: index):
      %word = aie.get_stream(%channel : i32) : i32
      %sum = arith.addi %word, %one : i32
      memref.store %sum, %element[%k] : memref<64xi32>
      %n = arith.addi %k, %c1 : index
      %more = arith.cmpi ne, %n, %c64 : index
      cf.cond_br %more, ^next(%n : index), ^end
    ^end:
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%a: memref<64xi32>, %b: memref<64xi32>) {
      aiex.npu.dma_memcpy_nd (%b[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {metadata = @out, id = 1 : i64, issue_token = true} : memref<64xi32>
      aiex.npu.dma_memcpy_nd (%a[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {metadata = @in, id = 0 : i64} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
X
LC_ALL=C
export LC_ALL
ok tessera build between.mlir -o out
awk 'BEGIN { for (i = 0; i < 64; i++) printf "%c%c%c%c", i * 3 % 256, 1, 0, 2 }' >in.bin
awk 'BEGIN { for (i = 0; i < 64; i++) printf "%c%c%c%c", i * 3 % 256 + 2, 1, 0, 2 }' >want.bin
ok tessera run -x out/between.xclbin -i out/insts.bin --arg in:in.bin --arg out:256:out.bin
cmp -s out.bin want.bin || die "the words that come back are not those that went in, plus 2"
