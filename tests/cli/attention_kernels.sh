# The attention kernels from design to result: every byte as the plain C variant has it, on inputs by chance and
# extreme ones, with no finding, in so many cycles of the core.
cp -r "$here"/../../kernels/attention_int32 "$here"/../../kernels/attention_int8 .
runs=${TESSERA_ATTENTION_RUNS:-20}
for scores in int32 int8; do
    name=attention_$scores
    ok tessera build $name/$name.mlir -o built_$scores
    ok tessera xclbin check built_$scores/$name.xclbin
    ok tessera stack built_$scores/main_core_0_2.elf
    prints_not "does not fit"
    ok "$TEST_PROGRAMS/attention_trial" built_$scores/$name.xclbin built_$scores/insts.bin \
        built_$scores/main_core_0_2.elf $scores "$runs"
    cat .out
    awk '{ for (i = 2; i < NF; i++) if ($(i + 1) == "cycles,") cycles = $i }
        END { exit !(cycles > 5000 && cycles < 8000) }' .out || die "not the cycles that $name.md gives"
done

# A kernel with a wrong constant is noticed.
sed 's/C2, 15560/C2, 15500/' attention_int32/attention_int32.s >wrong.s
cp wrong.s attention_int32/attention_int32.s
ok tessera build attention_int32/attention_int32.mlir -o wrong
"$TEST_PROGRAMS/attention_trial" wrong/attention_int32.xclbin wrong/insts.bin wrong/main_core_0_2.elf int32 3 >.out ||
    [ $? -eq 1 ] || die "the trial fails"
prints "other bytes"
