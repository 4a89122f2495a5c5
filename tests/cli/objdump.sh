# tessera objdump: the programs of a CDO, PDI and XCLBIN in its views; what is no bundle; bad input.
# Program memory of a compute tile starts at 0x20000. The words are: jl #16; movxm sp, #458752; a nop
# bundle up to 16; ret lr, nops, and two bytes that are no bundle.
cat >program.txt <<'EOF'
write tile(0,2).memory.Lock0_value 0x1
dma_write tile(0,2).program+0x0 { 0x08000115 0x00550000 0x00070ce0 0x00010001 0x10001819 0x00010001 0x00010001 0x00010001 0xfffefffe }
dma_write tile(0,3).program+0x40 { 0x10823499 }
mask_write tile(0,3).program+0x44 0xffffffff 0x10823599
EOF
ok tessera cdo pack program.txt -o program.cdo
ok tessera objdump -d program.cdo
golden objdump/listing.txt
ok tessera objdump --schedule --tile 0,2 program.cdo
golden objdump/schedule.txt
ok tessera objdump --source --tile 0,3 program.cdo
prints '.section .text,"ax",@progbits'
prints 'and     r1, r2, r3'
prints 'or      r1, r2, r3'
ok tessera objdump --json --tile 0,2 program.cdo
prints '"operations"'
prints '"movxm sp, #458752"'
prints '"format": "I48_LNG"'

cat >one.bif <<'EOF'
all: { id_code = 0x14ca8093 extended_id_code = 0x01
  image { name=aie_image, id=0x1c000000 { type=cdo file=program.cdo } } }
EOF
ok tessera bootgen -arch versal -image one.bif -o main.pdi -w
ok tessera objdump -d main.pdi
golden objdump/listing.txt
cp "$here"/../data/xclbin/*.json .
ok tessera xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o x.xclbin
ok tessera objdump -d x.xclbin
golden objdump/listing.txt

cat >f.s <<'EOF'
        .globl  f
f:      movxm   p0, #(buffer + 8)
        ret     lr; nopa
        nop
        nop
        nop
        nop
        nop
EOF
ok tessera as f.s -of.o
ok tessera objdump -drt f.o
prints 'R_AIE_42 buffer+8'
prints '*undefined*'
prints 'nopa; ret lr'
fails 2 "unknown option '-dx'" tessera objdump -dx f.o

# Data in code, a label inside of what would be a bundle, names that are no identifiers, bindings.
cat >odd.s <<'EOF'
        .globl  f
        .type   f,@function
f:      nop
        .word   ext + 4
        movxm   p0, #tab2
        ret     lr
        nop
        nop
        nop
        nop
        nop
tab:    .byte   0x59, 0x02
tab2:   .byte   1, 0, 1, 0
        .weak   "odd name"
"odd name":
        movxm   p1, #("odd name" - 2)
EOF
ok tessera as --no-hazards odd.s -o odd.o
ok tessera objdump --source odd.o
golden objdump/odd_source.txt
mv .out again.s
ok tessera as --no-hazards again.s -o again.o
ok tessera objdump -drt odd.o
golden objdump/odd.txt
ok tessera objdump -drt again.o
golden objdump/odd.txt
fails 1 "no section '.nosuch'" tessera objdump -j .nosuch odd.o
fails 1 '--tile is for a CDO' tessera objdump --tile 0,2 odd.o
fails 2 'exclude each other' tessera objdump --source --schedule odd.o

fails 1 'no program for tile 1,2; there are programs for 0,2 0,3' tessera objdump --tile 1,2 main.pdi
for tile in 1 a,b 1,2,3 "1," ,2 256,0 ''; do
    fails 2 '--tile takes COLUMN,ROW' tessera objdump --tile "$tile" main.pdi
done
fails 1 'program.txt' tessera objdump program.txt
fails 1 'absent.elf' tessera objdump absent.elf
fails 2 '' tessera objdump
head -c 200 main.pdi >cut.pdi
fails 1 'cut.pdi' tessera objdump cut.pdi
echo 'write tile(0,2).memory.Lock0_value 0x1' >lock.txt
ok tessera cdo pack lock.txt -o lock.cdo
fails 1 'no core program' tessera objdump lock.cdo
