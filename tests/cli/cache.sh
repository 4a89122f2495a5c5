# tessera build --cache: what is kept, when it is used, when it is made again.
cat >design.mlir <<'END'
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @of_in(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    func.func private @kernel(memref<16xi32>) attributes {link_with = "kernel.s"}
    %core = aie.core(%tile) {
      %view = aie.objectfifo.acquire @of_in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %in = aie.objectfifo.subview.access %view[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      func.call @kernel(%in) : (memref<16xi32>) -> ()
      aie.objectfifo.release @of_in(Consume, 1)
      aie.end
    }
  }
}
END
cat >kernel.s <<'END'
 .include "kernel.inc"
 .text
 .globl kernel
 .type kernel,@function
kernel:
 mova r0, #number
 ret lr
 .rept 5
 nop
 .endr
END
echo ' .set number, 7' >kernel.inc
build() { ok tessera build design.mlir --cache cache -o "$@"; }
entry() { echo cache/*.core; }
number() { wc -l <.list | tr -d ' '; }

ok tessera build design.mlir -o plain
build first
same first/main_core_0_2.elf plain/main_core_0_2.elf
ls cache >.list
[ "$(number)" = 1 ] || die "$(number) entries"
kept=$(entry)
[ ${#kept} = 75 ] || die "the name is no hash: $kept"

# The same again is taken from there: the file is not written anew, and all files are the same.
# shellcheck disable=SC2012
ls -i "$kept" >before
build second
# shellcheck disable=SC2012 # one name of digits
ls -i "$kept" | cmp -s - before || die "written again"
rm first/main_design.bif # it names the folder
for name in first/*; do same "$name" "second/$(basename "$name")"; done

# A file that is linked, or that one includes, has changed.
echo ' .set number, 8' >kernel.inc
build third
cmp -s third/main_core_0_2.elf first/main_core_0_2.elf && die "an old program"
ok tessera build design.mlir -o plain
same third/main_core_0_2.elf plain/main_core_0_2.elf
echo ' .set number, 7' >kernel.inc
build fourth
same fourth/main_core_0_2.elf first/main_core_0_2.elf
mv kernel.inc gone.inc
fails 1 "kernel.inc: cannot open" tessera build design.mlir --cache cache -o none
absent none
mv gone.inc kernel.inc

# Another body, another place of the stack: other entries.
sed 's/aie.end/func.call @kernel(%in) : (memref<16xi32>) -> ()\
&/' design.mlir >twice.mlir
ok tessera build twice.mlir --cache cache -o twice
awk '/aie.end/ { print; getline; print "    } {stack_size = 2048 : i32}"; next } { print }' design.mlir >deeper.mlir
ok tessera build deeper.mlir --cache cache -o deeper
ls cache >.list
[ "$(number)" = 3 ] || die "$(number) entries"

# What is cut off, changed or empty is not there. It is made again.
size=$(wc -c <"$kept")
cp "$kept" good
damaged() {
    build again
    same again/main_core_0_2.elf first/main_core_0_2.elf
    same "$kept" good
}
for cut in 0 1 39 40 41 44 100 $((size / 2)) $((size - 1)); do
    head -c "$cut" good >"$kept"
    damaged
done
for at in 0 8 40 44 60 200 $((size - 1)); do
    { head -c "$at" good && printf '\252' && tail -c +$((at + 2)) good; } >"$kept"
    damaged
done
cat good good >"$kept"
damaged

# It is what was kept that counts: the program of another entry under this name is taken.
for other in cache/*.core; do [ "$other" = "$kept" ] || cp "$other" other.core; done
cp other.core "$kept"
build taken
cmp -s taken/main_core_0_2.elf first/main_core_0_2.elf && die "the cache is not read"
cp good "$kept"

# Many at once, from nothing.
rm -r cache
for i in 1 2 3 4 5 6; do "$TESSERA" build design.mlir --cache cache -o "at_once$i" >/dev/null 2>"log$i" & done
wait
for i in 1 2 3 4 5 6; do
    same "at_once$i/main_core_0_2.elf" first/main_core_0_2.elf
    [ -s "log$i" ] && die "$(cat "log$i")"
done
ls -A cache >.list
[ "$(number)" = 1 ] || die "$(number) entries"
same "$kept" good

# A folder that cannot be; one that nothing can be written to only costs the time.
: >file
fails 1 "file" tessera build design.mlir --cache file/cache -o none
mkdir stuck
mkdir "stuck/$(basename "$kept")"
ok tessera build design.mlir --cache stuck -o beside
grep -q '^warning: stuck/.*is a folder' .err || die "no warning"
same beside/main_core_0_2.elf first/main_core_0_2.elf
