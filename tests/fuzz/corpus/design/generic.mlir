"builtin.module"() ({
  "aie.device"() ({
    %0 = "aie.tile"() {col = 0 : i32, row = 2 : i32} : () -> index
    %1 = "aie.tile"() <{col = 0 : i32, row = 3 : i32}> : () -> index
    %2 = "aie.lock"(%0) {init = 0 : i32} : (index) -> index
    "aie.flow"(%0, %1) {source_bundle = 1 : i32, source_channel = 0 : i32, dest_bundle = 1 : i32, dest_channel = 0 : i32} : (index, index) -> ()
    %3 = "aie.core"(%0) ({
      %4:2 = "other.pair"(%2) {a, b = [1, 2.5 : f32, "x", @s::@t], c = {d = unit}} : (index) -> (i32, !other.type<"a", [1]>)
      "other.use"(%4#1, %4#0)[^bb1] : (!other.type<"a", [1]>, i32) -> ()
    ^bb1:
      "aie.end"() : () -> ()
    }) : (index) -> index
    "aie.end"() : () -> ()
  }) {device = 4 : i32, sym_name = "main"} : () -> ()
  "other.empty"() ({}, {
  ^bb0(%a: i32, %b: memref<*xf32>):
    "other.end"(%a) : (i32) -> ()
  }) : () -> ()
}) {sym_name = "m"} : () -> () loc("x.mlir":1:2)
