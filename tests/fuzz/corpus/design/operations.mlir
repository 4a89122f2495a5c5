module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %w = aie.buffer(%t) {sym_name = "w"} : memref<4x8xi64>
    %h = aie.buffer(%t) {sym_name = "h"} : memref<16xbf16>
    %g = aie.buffer(%t) {sym_name = "g"} : memref<64xi32>
    func.func @f(%a: i64, %b: i64, %c: i64, %d: i64, %e: i48, %m: memref<64xi32>, %v: vector<16xi32>) -> (i64, vector<16xi32>) {
      %s = memref.assume_alignment %m, 32 : memref<64xi32>
      %c16 = arith.constant 16 : index
      %x = vector.load %s[%c16] : memref<64xi32>, vector<16xi32>
      %y = arith.maxsi %x, %v : vector<16xi32>
      %k = arith.floordivsi %a, %d : i64
      return %k, %y : i64, vector<16xi32>
    }
    %core = aie.core(%t) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %z = arith.constant 0 : i32
      %n = aie.get_stream(%z : i32) : i32
      aie.put_stream(%z : i32, %n : i32)
      %i = arith.index_cast %n : i32 to index
      %x = memref.load %w[%c1, %i] : memref<4x8xi64>
      %y = arith.muli %x, %x : i64
      %u = arith.shrui %y, %x : i64
      %p = arith.cmpi ult, %x, %u : i64
      %q = arith.select %p, %x, %u : i64
      memref.store %q, %w[%c0, %c1] : memref<4x8xi64>
      %e = arith.trunci %q : i64 to i48
      %r = vector.transfer_read %g[%c0], %z {in_bounds = [true]} : memref<64xi32>, vector<16xi32>
      %k = arith.constant dense<3> : vector<16xi32>
      %l = arith.cmpi sgt, %r, %k : vector<16xi32>
      %o = arith.select %l, %r, %k : vector<16xi1>, vector<16xi32>
      %f:2 = func.call @f(%x, %y, %u, %q, %e, %g, %o) : (i64, i64, i64, i64, i48, memref<64xi32>, vector<16xi32>) -> (i64, vector<16xi32>)
      vector.transfer_write %f#1, %g[%c0] {in_bounds = [true]} : vector<16xi32>, memref<64xi32>
      aie.put_cascade(%f#1 : vector<16xi32>)
      %j = aie.get_cascade() : vector<64xi8>
      affine.if affine_set<(d0)[s0] : (d0 - 3 >= 0, s0 == 1)>(%i)[%c1] {
        %a = affine.min affine_map<(d0) -> (d0, 7)>(%i)
        memref.store %n, %g[%a] : memref<64xi32>
      } else {
        affine.for %a = max affine_map<(d0) -> (d0, 0)>(%i) to 7 {
          affine.store %n, %g[%a] : memref<64xi32>
        }
      }
      %b = memref.load %h[%c1] : memref<16xbf16>
      %c = arith.mulf %b, %b : bf16
      %d = arith.maximumf %b, %c : bf16
      memref.store %d, %h[%c0] : memref<16xbf16>
      %s = memref.subview %w[0, 2] [2, 2] [1, 2] : memref<4x8xi64> to memref<2x2xi64, strided<[8, 2], offset: 2>>
      %v = memref.alloc() : memref<2x2xi64>
      memref.copy %s, %v : memref<2x2xi64, strided<[8, 2], offset: 2>> to memref<2x2xi64>
      memref.dealloc %v : memref<2x2xi64>
      %t0 = scf.execute_region -> i32 {
        cf.br ^to(%n : i32)
      ^to(%t1: i32):
        scf.yield %t1 : i32
      }
      %t2 = scf.for unsigned %m = %x to %y step %u iter_args(%m0 = %q) -> (i64) : i64 {
        %m1 = arith.addi %m, %m0 : i64
        scf.yield %m1 : i64
      }
      aie.end
    }
  }
}
