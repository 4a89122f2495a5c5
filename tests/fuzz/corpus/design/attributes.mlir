#loc = loc("file.py":1:2)
#alias = #aie.packet_info<pkt_type = 1, pkt_id = 2>
!ty = memref<4xi32, 1>
"t.a"() {f = 1.25e-3 : f64, g = 0x7FC0 : bf16, h = -0.0 : f32, i = 0xFF : ui8, j = -1 : si8, k = true, l = 12345678901 : i64} : () -> ()
"t.b"() {d = dense<[[1.5, -2.0], [0x7F800000, 0.1]]> : tensor<2x2xf32>, e = dense<> : tensor<0xi32>, f = dense<[true, false]> : vector<2xi1>, g = dense<"0x0102"> : tensor<1xi16>, h = dense_resource<r> : tensor<4xi32>, i = dense<3> : tensor<i8>} : () -> !ty
"t.c"() {a = array<i64: 1, -2>, b = array<i1: true, false>, c = array<f32: 1.0>, d = array<i8>} : () -> ()
"t.d"() {"quoted key" = 1, m = affine_map<(d0, d1)[s0] -> (d0 + s0, d1 floordiv 2)>, n = affine_set<(d0) : (d0 >= 0, -d0 + 4 == 0)>, t = (i32, f32) -> (), u = #alias, v = #other.thing<[a, {b}], "c>">, w = strided<[1, ?], offset: 3>} : () -> (memref<?x4xbf16, affine_map<(d0, d1) -> (d1, d0)>, 2 : i32>, vector<4x8xi8>, tensor<*xf16>, tuple<i1, index>, complex<f32>, !other<"raw">) loc(#loc)
"t.e"() {s = "tab\09 quote\22 back\\ nl\n", y = @"odd name"::@x, z = [#aie.packet_info<pkt_type = 0, pkt_id = 0>, #aie<bd_dim_layout_array[<size = 1, stride = 2>]>, unit, none, i7]} : () -> ()
{-#
  dialect_resources: {}
#-}
