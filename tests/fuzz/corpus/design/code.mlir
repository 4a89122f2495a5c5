#map = affine_map<(d0)[s0] -> (d0 * 2 + s0)>
#set = affine_set<(d0) : (d0 - 1 >= 0)>
module {
  func.func private @ext(i32, f32 {tessera.a}) -> (i32 {tessera.b = 1 : i64})
  func.func @f(%n: index, %m: memref<8x?xf32>, %q: i1, %v: vector<4xi32>) -> i32 {
    %c0 = arith.constant 0 : index
    %one = arith.constant 1 : i32
    %half = arith.constant 5.000000e-01 : f32
    %bf = arith.constant 1.5 : bf16
    %inf = arith.constant 0x7F800000 : f32
    %t = arith.constant true
    %w = arith.constant dense<[1, 2, 3, 4]> : vector<4xi32>
    %s = arith.addi %one, %one overflow<nsw> : i32
    %u = arith.shrui %one, %s : i32
    %d = arith.addi %v, %w : vector<4xi32>
    %e = arith.cmpi slt, %v, %w : vector<4xi32>
    %g = arith.select %e, %v, %w : vector<4xi1>, vector<4xi32>
    %h = arith.select %q, %s, %u : i32
    %x = arith.extsi %one : i32 to i64
    %y = arith.index_cast %n : index to i64
    %z = arith.mulf %half, %half fastmath<contract> : f32
    %cmp = arith.cmpf oge, %z, %half : f32
    %trunc = arith.truncf %z : f32 to bf16
    %sum:2 = scf.for %i = %c0 to %n step %c0 iter_args(%acc = %one, %acc2 = %half) -> (i32, f32) {
      %k = arith.muli %acc, %acc : i32
      scf.yield %k, %acc2 : i32, f32
    }
    %p:2 = scf.if %q -> (i32, i32) {
      scf.yield %one, %one : i32, i32
    } else {
      scf.yield %s, %s : i32, i32
    }
    scf.if %q {
      memref.store %half, %m[%c0, %n] : memref<8x?xf32>
    } else {
      %ld = memref.load %m[%c0, %n] : memref<8x?xf32>
    }
    %r = scf.while (%a = %one) : (i32) -> i32 {
      scf.condition(%q) %a : i32
    } do {
    ^bb0(%b: i32):
      scf.yield %b : i32
    }
    %sw = scf.index_switch %n -> i32
    case 2 {
      scf.yield %p#1 : i32
    }
    case -5 {
      scf.yield %p#0 : i32
    }
    default {
      scf.yield %one : i32
    }
    %al = memref.alloc(%n) : memref<?xi32>
    %fix = memref.alloca() {alignment = 32 : i64} : memref<16xi32>
    %al2 = memref.assume_alignment %fix, 64 : memref<16xi32>
    %sv = memref.subview %fix[%c0] [4] [1] : memref<16xi32> to memref<4xi32, strided<[1], offset: ?>>
    %rc = memref.reinterpret_cast %fix to offset: [%n], sizes: [4, 4], strides: [4, 1] : memref<16xi32> to memref<4x4xi32, strided<[4, 1], offset: ?>>
    %ex = memref.expand_shape %fix [[0, 1]] output_shape [4, 4] : memref<16xi32> into memref<4x4xi32>
    %co = memref.collapse_shape %ex [[0, 1]] : memref<4x4xi32> into memref<16xi32>
    %ca = memref.cast %fix : memref<16xi32> to memref<?xi32>
    memref.copy %fix, %co : memref<16xi32> to memref<16xi32>
    memref.dealloc %al : memref<?xi32>
    affine.for %i = 0 to 16 step 4 {
      %l = affine.load %fix[%i + 1] : memref<16xi32>
      affine.store %l, %fix[%i mod 4 + symbol(%n)] {tag} : memref<16xi32>
      %ap = affine.apply #map(%i)[%n]
      affine.if #set(%ap) {
        %again = affine.load %ex[%i floordiv 4, (%ap - 1) * 2] : memref<4x4xi32>
      }
    }
    %af = affine.for %i = max affine_map<(d0) -> (d0, 3)>(%c0) to %n iter_args(%a = %one) -> (i32) {
      affine.yield %a : i32
    }
    %rd = vector.transfer_read %fix[%c0], %one {in_bounds = [true]} : memref<16xi32>, vector<8xi32>
    vector.transfer_write %rd, %fix[%c0] : vector<8xi32>, memref<16xi32>
    %vl = vector.load %fix[%c0] : memref<16xi32>, vector<8xi32>
    vector.store %vl, %fix[%c0] : memref<16xi32>, vector<8xi32>
    %br = vector.broadcast %one : i32 to vector<8xi32>
    %call = call @ext(%one, %half) : (i32, f32) -> i32
    %cast = builtin.unrealized_conversion_cast %one : i32 to index
    cf.assert %q, "must hold"
    cf.cond_br %q, ^bb1(%one, %half : i32, f32), ^bb2
  ^bb1(%j: i32, %f2: f32):
    cf.br ^bb3(%j : i32)
  ^bb2:
    cf.br ^bb3(%s : i32)
  ^bb3(%res: i32):
    return %res : i32
  }
}
