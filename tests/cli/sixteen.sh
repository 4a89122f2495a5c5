# All sixteen cores at once, nothing given but MLIR: in each column a chain of four cores, each of which
# adds 1 to every word that passes. Built, placed, routed, run, and held against what awk says.
awk 'function fifo(c, i, from, to) {
    printf "aie.objectfifo @f%d_%d(%%t%d%d, {%%t%d%d}, 2 : i32) : !aie.objectfifo<memref<256xi32>>\n", c, i, c, from, c, to
}
function element(name, of, end) {
    printf "%%%s_view = aie.objectfifo.acquire @%s(%s, 1) : !aie.objectfifosubview<memref<256xi32>>\n", name, of, end
    printf "%%%s = aie.objectfifo.subview.access %%%s_view[0] : !aie.objectfifosubview<memref<256xi32>> -> memref<256xi32>\n", name, name
}
function core(c, i) {
    printf "aie.core(%%t%d%d) {\n", c, i + 2
    print "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n%c256 = arith.constant 256 : index"
    print "%forever = arith.constant 0xFFFFFFFF : index\n%one = arith.constant 1 : i32"
    print "scf.for %round = %c0 to %forever step %c1 {"
    element("in", "f" c "_" i, "Consume")
    element("out", "f" c "_" (i + 1), "Produce")
    print "scf.for %k = %c0 to %c256 step %c1 {\n%word = memref.load %in[%k] : memref<256xi32>"
    print "%sum = arith.addi %word, %one : i32\nmemref.store %sum, %out[%k] : memref<256xi32>\n}"
    printf "aie.objectfifo.release @f%d_%d(Consume, 1)\naie.objectfifo.release @f%d_%d(Produce, 1)\n}\naie.end\n}\n", c, i, c, i + 1
}
function copy(c, buffer, of, more) {
    printf "aiex.npu.dma_memcpy_nd(%%%s[0, 0, 0, %d][1, 1, 1, 1024][0, 0, 0, 1]) {%smetadata = @%s} : memref<4096xi32>\n", buffer, c * 1024, more, of
}
BEGIN {
    print "module {\naie.device(npu1) {"
    for (c = 0; c < 4; c++) for (r = 0; r < 6; r++) if (r != 1) printf "%%t%d%d = aie.tile(%d, %d)\n", c, r, c, r
    for (c = 0; c < 4; c++) {
        fifo(c, 0, 0, 2)
        for (i = 1; i < 4; i++) fifo(c, i, i + 1, i + 2)
        fifo(c, 4, 5, 0)
        for (i = 0; i < 4; i++) core(c, i)
    }
    print "aie.runtime_sequence(%a: memref<4096xi32>, %b: memref<4096xi32>) {"
    for (c = 0; c < 4; c++) {
        copy(c, "b", "f" c "_4", "id = 0 : i64, issue_token = true, ")
        copy(c, "a", "f" c "_0", "id = 1 : i64, ")
    }
    for (c = 0; c < 4; c++) printf "aiex.npu.dma_wait {symbol = @f%d_4}\n", c
    print "}\n}\n}"
}' >sixteen.mlir
awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%c", 33 + i * 7 % 90 }' >in.bin
# shellcheck disable=SC2016 # awk's own $i
words='{ for (i = 1; i <= NF; i++) { v = ($i + 4) % 4294967296
    for (k = 0; k < 4; k++) { printf "\\%03o", v % 256; v = int(v / 256) } } }'
# shellcheck disable=SC2059 # the format is the data
printf "$(od -An -v -tu4 in.bin | awk "$words")" >want.bin

ok tessera build sixteen.mlir -o out
set -- out/main_core_*.elf
[ $# -eq 16 ] || die "$# programs, not sixteen"
ok tessera xclbin check out/sixteen.xclbin
ok tessera run -x out/sixteen.xclbin -i out/insts.bin --arg in:in.bin --arg out:16384:got.bin
prints_not findings
same got.bin want.bin
