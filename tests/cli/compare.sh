# tessera compare: figures, limits and exit statuses; raw files and .npy; bad input.
printf '\001\002\003\004\005\200' >got.bin
printf '\001\002\004\004\005\200' >want.bin
cp got.bin same.bin

ok tessera compare got.bin same.bin --dtype int8
prints "6 pairs of int8 and int8, shape 6"
prints "equal              100 %"
prints "SNR dB          infinite"
prints "saturated: 1 of got, 1 of want"
prints_not "largest error at"
fails 1 "" tessera compare got.bin want.bin --dtype int8
prints "largest error at [2]: got 3, want 4"
fails 1 "" tessera compare got.bin want.bin --dtype int8 --shape 2,3
prints "shape 2x3"
prints "largest error at [0][2]: got 3, want 4"

# E is 0 0 -1 0 0 0: MAE 1/6, RMSE sqrt(1/6).
ok tessera compare got.bin want.bin -t int8 --max-mae 0.17 --max-rmse 0.41 --max-error 1 --max-mean-error 0.17 --min-equal 83% --min-within-5 1 --min-correlation 0.9999 --min-cosine 0.9999 --max-relative-l2 0.01 --min-within-10 100% --max-saturated 0.2 --min-snr 42
prints "MAE             0.1666667  good: at most 0.17"
prints_not "FAILED"
fails 1 "" tessera compare got.bin want.bin -t int8 --max-mae 0.16
prints "FAILED: at most 0.16"
fails 1 "" tessera compare got.bin want.bin -t int8 --max-mean-error 0.1
fails 1 "" tessera compare got.bin want.bin -t int8 --max-error 0.5 --max-mae 1
fails 1 "" tessera compare got.bin want.bin -t int8 --min-equal 84% --json
prints '"equal": 0.83333333333333337'
prints '"passed": false'
prints '"failed": ['
prints '    "equal"'
ok tessera compare got.bin want.bin -t int8 --min-equal 83% --json
prints '"passed": true'

# What is undefined meets no limit; no pairs are equal pairs.
printf '\000\000' >zeros.bin
ok tessera compare zeros.bin zeros.bin -t int8
prints "correlation    undefined"
fails 1 "" tessera compare zeros.bin zeros.bin -t int8 --min-correlation 0
ok tessera compare /dev/null /dev/null -t int8

# bfloat16: 1 and NaN; NaN must stand where it is expected.
printf '\200\077\300\177' >got.bf16
printf '\200\077\200\077' >want.bf16
ok tessera compare got.bf16 got.bf16 -t bfloat16
prints "not finite: got has 1 NaN and 0 infinities, want 1 and 0; 0 of these pairs are unlike"
fails 1 "" tessera compare got.bf16 want.bf16 -t bfloat16 --max-mae 9
prints "1 of these pairs are unlike"

# .npy beside raw: the raw file takes its shape.
{
    printf '\223NUMPY\001\000v\000'
    printf '%-117s\n' "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }"
    cat want.bin
} >want.npy
fails 1 "" tessera compare got.bin want.npy -t int8
prints "largest error at [0][2]: got 3, want 4"
ok tessera compare want.npy want.npy

fails 1 "got.bin: is no .npy file; --dtype must say" tessera compare got.bin want.npy
fails 1 "no element type 'int9'; did you mean 'int8'?" tessera compare got.bin want.bin -t int9
fails 1 "got.bin: 6 bytes are no whole number of int32 elements" tessera compare got.bin want.bin -t int32
fails 1 "got.bin: has 6 elements; the shape asks for 8" tessera compare got.bin want.bin -t int8 --shape 2x4
fails 1 "'2,,3' is no shape" tessera compare got.bin want.bin -t int8 --shape 2,,3
fails 1 "the shapes differ: 2 elements in 1 dimensions, 6 in 2" tessera compare zeros.bin want.npy -t int8
fails 1 "absent: cannot open" tessera compare absent want.npy
fails 2 "'a' is no number for --max-mae" tessera compare got.bin want.bin -t int8 --max-mae a
fails 2 "" tessera compare got.bin
