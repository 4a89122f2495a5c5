# tessera attention verify: the table, three wrong kernels and what is said of them, limits, stored results,
# kernels of others on the emulator, reports; bad input.
host="tessera attention verify --device none"

# npy SHAPE FILE: raw bytes on standard input as an int8 array.
npy() {
    {
        printf '\223NUMPY\001\000v\000'
        printf '%-117s\n' "{'descr': '${3:-|i1}', 'fortran_order': ${4:-False}, 'shape': $1, }"
        cat
    } >"$2"
}
# values FILE: the int8 values of a 64 by 64 .npy, one a line; bytes: back.
values() { tail -c 4096 "$1" | od -An -v -td1 -w1; }
bytes() {
    # shellcheck disable=SC2059 # the format is the data
    printf "$(awk '{ v = $1 > 127 ? 127 : $1 < -128 ? -128 : $1; printf "\\%03o", (v + 256) % 256 }')"
}

# The figures of issue 9, 1: INT32 scores are FP32, INT8 scores are not.
ok $host --numpy-seed 42 --keep seed
grep -q '^int32, plain C *1.000000 *1.000000' .out || die "INT32 scores are not FP32"
grep -q '^int8, plain C *0\.19' .out || die "the baseline's correlation is not as bad as it is"
prints "passed"
ok $host --json
prints '"variant": "int8, plain C"'
prints '"passed": true'
ok tessera compare seed/int32_plain_c.npy seed/fp32_rounded.npy --min-correlation 0.9999 --max-mae 0.02
ok $host --gauss 1,0.3 --scores int32 --keep gauss
prints "normal numbers of RandomState(1), temperature 0.3"
prints_not "int8, plain"

# Must show 6: a shift off by one.
values gauss/int32_plain_c.npy | awk '{ print $1 * 2 }' | bytes >shift.bin
fails 1 "" $host --gauss 1,0.3 --result shift.bin
prints "FAILED: shift.bin: its MAE is"
prints "likely: results are 2 times too large: a shift is off by one (correlation 0.99"
prints "rows: all (64 of 64"
prints "0 % are nearer to 0 than they should be; size 1.9"

# A transposed K: what is right for the transposed K, held against the inputs as they are.
values seed/k.npy | awk '{ k[NR - 1] = $1 } END { for (i = 0; i < 64; i++) for (j = 0; j < 64; j++) print k[j * 64 + i] }' |
    bytes | npy '(64, 64)' kt.npy
ok $host --q seed/q.npy --k kt.npy --v seed/v.npy --scale 0.125 --scores int32 --keep transposed
fails 1 "" $host --numpy-seed 42 --result transposed/int32_plain_c.npy
prints "FAILED: int32_plain_c.npy: its correlation is 0.0"
prints "likely: K is transposed (correlation 1.000000, MAE 0"

# Clobbered rows; a clobbered column; a block; columns in another order; another rounding.
values gauss/int32_plain_c.npy >good
awk 'int((NR - 1) / 64) == 17 { $1 = 5 } { print $1 }' good | bytes >row.bin
fails 1 "" $host --gauss 1,0.3 --result row.bin
prints "rows: 17 (1 of 64, whole)"
prints "row 17 holds 5 throughout"
prints "likely: rows 17 are clobbered, the others are right"
awk '(NR - 1) % 64 >= 8 && (NR - 1) % 64 < 12 { $1 = -99 } { print $1 }' good | bytes >column.bin
fails 1 "" $host --gauss 1,0.3 --result column.bin
prints "likely: columns 8-11 are clobbered, the others are right"
prints "0 % of these are too high"
awk '{ v[NR - 1] = $1 } END { for (i = 0; i < 4096; i++) print v[int(i / 8) * 8 + (i % 8 < 4 ? i % 8 * 2 : i % 8 * 2 - 7)] }' good | bytes >order.bin
fails 1 "" $host --gauss 1,0.3 --result order.bin
prints "likely: columns are in another order: 0 2 4 6 1 3 5 7 in each 8 (correlation 0.9999"
awk '{ print 0 }' good | bytes >zero.bin
fails 1 "" $host --gauss 1,0.3 --result zero.bin
prints "likely: the result is constant"
awk '{ print -$1 }' good | bytes >negative.bin
fails 1 "" $host --gauss 1,0.3 --result negative.bin --json
prints '"likely": "results have the wrong sign'

# One value off by one passes as somebody's kernel, and not as our own.
awk 'NR == 100 { $1++ } { print $1 }' good | bytes >near.bin
ok $host --gauss 1,0.3 --result near.bin
fails 1 "" $host --gauss 1,0.3 --result near.bin --exact
prints "FAILED: near.bin: 1 of 4096 bytes differ from the int32 definition"
prints "1 of 4096 values (0.0244 %) are further than 0.5 from the definition; the furthest is [1][35]"
prints "likely: rounding: no value is further off than 1"
awk '{ print ($1 > 0 ? $1 - 1 : $1) }' good | bytes >bias.bin
fails 1 "" $host --gauss 1,0.3 --result bias.bin --exact
prints "0 % of these are too high, 100 % too low"
fails 1 "" $host --gauss 1,0.3 --result near.bin --min-correlation 1
fails 1 "" $host --gauss 1,0.3 --result near.bin --max-mae 0.1
ok $host --gauss 1,0.3 --result shift.bin --max-mae 99

# An own kernel that gives the right bytes after it has read what nobody wrote.
cp -r "$here"/../../kernels/attention_int32 early
sed 's/^        mov     crRnd/        lda     r16, [p5, #0]\n&/' early/attention_int32.s >early.s
mv early.s early/attention_int32.s
fails 1 "" tessera attention verify --gauss 1,0.3 --kernel early --scores int32
prints "int32, AIE2 = C bit for bit: all 4096 bytes"
prints "in tables, where nobody has written"
prints "FAILED: int32, AIE2: the emulator has findings"

# Kernels on the emulator: one that copies V, with two buffers and with three.
cp "$here"/../data/attention/copy.mlir .
mkdir own
cp "$here"/../data/attention/copy_block.mlir own
ok tessera build copy.mlir -o copy
fails 1 "" tessera attention verify -x copy/copy.xclbin -i copy/insts.bin --core-elf 0,2=copy/main_core_0_2.elf
prints "emulator of npu1_1col"
prints "likely: the output is V as it came"
awk 'BEGIN { for (i = 0; i < 4096; i++) print i % 64 - 20 }' | bytes | npy '(64, 64)' alike.npy
alike="--q seed/q.npy --k seed/k.npy --v alike.npy"
ok tessera attention verify -x copy/copy.xclbin -i copy/insts.bin $alike
prints_not "findings"
awk 'BEGIN { for (i = 0; i < 64; i++) print i % 3 }' | bytes | npy '(64,)' mask.npy '|u1'
ok tessera attention verify --kernel own $alike --mask mask.npy --key-length 50
prints "int32, AIE2 = C bit for bit: all 4096 bytes"
prints "masked, key length 50"
ok tessera attention build --kernel own -o built
prints "built/copy_block.xclbin: "
ok tessera attention verify --build built $alike --json
prints '"findings": []'
cycles=$(sed -n 's/.*"cycles_per_tile": \([0-9]*\).*/\1/p' .out)
# A word is stored in a cycle at best.
if [ "$cycles" -lt 1024 ] || [ "$cycles" -gt 4096 ]; then die "$cycles cycles for 1,024 words"; fi
# The wait for V to arrive, 3,072 cycles and more, is not counted, so that the run takes longer.
run=$(sed -n 's/.*"run_cycles": \([0-9]*\).*/\1/p' .out)
[ "$run" -gt $((cycles + 3072)) ] || die "$run cycles for all, $cycles for the core"
fails 1 "a kernel with two buffers takes 64 keys and no mask" \
    tessera attention verify -x copy/copy.xclbin -i copy/insts.bin --key-length 3
sed '/of_in}/d' copy.mlir >stuck.mlir
ok tessera build stuck.mlir -o stuck
fails 1 "" tessera attention verify -x stuck/stuck.xclbin -i stuck/insts.bin
prints "FAILED: stuck.xclbin: it did not end"
prints "deadlock after"
ok tessera attention bench --kernel own --iters 3
prints "int32, AIE2"
prints "scalar C on the core"

# The kernels that the program carries.
ok tessera attention verify --numpy-seed 42 --json
prints '"variant": "int8, AIE2"'
for cycles in $(sed -n 's/.*"cycles_per_tile": \([0-9]*\).*/\1/p' .out); do
    if [ "$cycles" -lt 2048 ] || [ "$cycles" -gt 40000 ]; then die "$cycles cycles a tile"; fi
done
ok tessera attention verify --gauss 5,0.06 --key-length 41 --output-scale 1.5 --keep carried
prints "int32, AIE2 = C bit for bit: all 4096 bytes"
prints "int8, AIE2 = C bit for bit: all 4096 bytes"
prints_not "findings"
same carried/int32_aie2.npy carried/int32_plain_c.npy
same carried/int8_aie2.npy carried/int8_plain_c.npy
ok tessera attention build
ok tessera attention build --scores int8 --json
prints '"file": "attention_int8/attention_int8.xclbin"'
ok tessera attention verify --build attention_int32 --build attention_int8
prints "int8, AIE2 = C bit for bit"
ok tessera xclbin check attention_int32/attention_int32.xclbin
ok tessera attention verify -x attention_int32/attention_int32.xclbin -i attention_int32/insts.bin --exact --key-length 9
fails 1 "" tessera attention verify -x attention_int32/attention_int32.xclbin -i attention_int32/insts.bin --scores int8 --exact
prints "FAILED: attention_int32.xclbin: "

# The report: one file that loads nothing.
fails 1 "" $host --gauss 1,0.3 --result row.bin --html report.html
prints "report: report.html"
grep -q 'data:image/png;base64,iVBORw0KGgo' report.html || die "no heat map"
grep -q 'Likely: rows 17 are clobbered' report.html || die "no diagnosis"
if grep -E 'https?:|<script|<link' report.html; then die "the report loads something"; fi

# Shapes: more queries than a tile, other widths, one row.
awk 'BEGIN { for (i = 0; i < 8 * 100; i++) print i * 37 % 255 - 127 }' | bytes | npy '(100, 8)' q8.npy
awk 'BEGIN { for (i = 0; i < 8 * 30; i++) print i * 91 % 255 - 127 }' | bytes | npy '(30, 8)' k8.npy
ok tessera attention verify --q q8.npy --k k8.npy --v k8.npy --scale 0.001
prints "not run on a device: kernels take rows of 64"
head -c 4096 /dev/zero | npy '(64, 64)' fortran.npy '|i1' True
ok $host --q fortran.npy --k seed/k.npy --v seed/v.npy --output-scale 0.5

# Bad input: 1 for files, 2 for the command line.
fails 1 "absent.npy: cannot open" $host --q absent.npy --k kt.npy --v kt.npy
fails 1 "is 30 by 8; expected 30 by 64" $host --q kt.npy --k k8.npy --v k8.npy
fails 1 "expected 30 by 8, as K" $host --q q8.npy --k k8.npy --v q8.npy
head -c 4096 /dev/zero | npy '(64, 64)' unsigned.npy '|u1'
fails 1 "unsigned.npy: has uint8 elements; expected int8" $host --q unsigned.npy --k kt.npy --v kt.npy
head -c 4096 /dev/zero | npy '(4096,)' flat.npy
fails 1 "flat.npy: has 1 dimensions; expected 2" $host --q flat.npy --k kt.npy --v kt.npy
head -c 900 /dev/zero | npy '(30, 30)' odd.npy
fails 1 "a multiple of 8" $host --q odd.npy --k odd.npy --v odd.npy
: | npy '(0, 8)' none.npy
fails 1 "none.npy: is 0 by 8" $host --q none.npy --k none.npy --v none.npy
head -c 64 /dev/zero | npy '(64,)' empty.npy '|u1'
fails 1 "no key counts" $host --mask empty.npy
fails 1 "has 4096 elements; expected 64, one a key" $host --mask kt.npy
fails 1 "good: " $host --mask good
fails 1 "row.bin: has 4096 bytes" $host --q q8.npy --k k8.npy --v k8.npy --result row.bin
fails 1 "is 64 by 64; expected 100 by 8" $host --q q8.npy --k k8.npy --v k8.npy --result kt.npy
fails 1 "is read here and also an output file" $host --q seed/q.npy --k kt.npy --v kt.npy --keep seed
fails 1 "is read here and also an output file" $host --result row.bin --html row.bin --max-mae 99
fails 1 "absent: cannot open" tessera attention verify -x absent -i copy/insts.bin
fails 1 "absent: cannot open" tessera attention verify --build absent
fails 1 "has 0 files that end in .mlir" tessera attention build --kernel seed
fails 1 "/dev/null: is hardware" tessera attention verify --kernel own --device /dev/null
fails 1 "no device 'emu'" tessera attention verify --kernel own --device emu
fails 2 "'nan' is no number for --scale" $host --scale nan
fails 2 "'inf' is no number for --scale" $host --scale inf
fails 2 "--scale is from 0 to" $host --scale -1
fails 2 "--output-scale is from" $host --output-scale 0
fails 2 "'0' is no number for --key-length" $host --key-length 0
fails 2 "'65' is no number for --key-length" $host --key-length 65
fails 2 "--q, --k and --v go together" $host --q kt.npy
fails 2 "only one of them" $host --numpy-seed 1 --gauss 1,1
fails 2 "'-1' is no number for --numpy-seed" $host --numpy-seed -1
for bad in 1 "1," ,1 1,0 1,-1 1,nan 1,2x x,1; do
    fails 2 "is not SEED,TEMPERATURE" $host --gauss $bad
done
fails 2 "--scores is int32, int8 or both, not 'int4'" $host --scores int4
fails 2 "--scores is int32 or int8, not 'both'" tessera attention build --scores both
fails 2 "--xclbin and --insts go together" tessera attention verify -x copy/copy.xclbin
fails 2 "only one of them" tessera attention verify --kernel own --build built
fails 2 "'2x' is no number for --max-mae" $host --max-mae 2x
fails 2 "'0' is no number for --iters" tessera attention bench --iters 0
fails 2 "unknown command 'verfy'; did you mean 'verify'?" tessera attention verfy
fails 1 "expected COLUMN,ROW=FILE" tessera attention verify -x copy/copy.xclbin -i copy/insts.bin --core-elf 0=x
