# tessera nm, size: an object, a program, archives of both forms, more than one file, bad input.
samples=$here/../fuzz/corpus/object
cp "$samples"/* .

ok tessera nm relocatable.elf
golden object/nm.txt
ok tessera nm program.elf
prints "0x00000030  t     loop"
prints "0x00074000  R     table"
ok tessera nm program.elf --json
prints '"file": "program.elf"'
prints '"address": "0x00000010"'
prints '"name": "main"'

# What a file is does not depend on its name; members and files have headings.
cp gnu.ar kernel.o
ok tessera nm kernel.o
prints "kernel.o(short.o):"
prints "kernel.o(a_name_too_long_for_a_header.o):"
ok tessera nm bsd.ar relocatable.elf
prints "bsd.ar(a name with blanks.o):"
prints "relocatable.elf:"
ok tessera nm kernel.o --json
prints '"file": "kernel.o(short.o)"'

ok tessera size program.elf
golden object/size.txt
ok tessera size program.elf --json
prints '"bytes": 64'
prints '"bss": 24'
prints '"fits": true'
ok tessera size program.elf gnu.ar
golden object/size_all.txt
# 70000 more bytes in .bss, whose size is a field of its section header.
shoff=$(od -An -tu4 -j32 -N4 program.elf)
{
    head -c $((shoff + 5 * 40 + 20)) program.elf
    printf '\160\021\001\000'
    tail -c +$((shoff + 5 * 40 + 25)) program.elf
} >big.elf
ok tessera size big.elf
prints "data memory     70032 of 65536 bytes, 4496 too many: data 32, bss 70000"
ok tessera size big.elf --json
prints '"fits": false'

head -c 600 program.elf >short.elf
fails 1 "error: short.elf: offset 0x20: 10 section headers at offset 0x1cc; the file has 600 bytes" tessera nm short.elf
fails 1 "short.elf: offset 0x20" tessera size short.elf
head -c 2000 gnu.ar >short.ar
fails 1 "error: short.ar: offset 0x60a: a member of 860 bytes; 442 are left" tessera nm short.ar
echo text >text.o
fails 1 "text.o: offset 0x0: neither an object file nor an archive" tessera nm program.elf text.o
fails 1 "absent.o: cannot open for reading" tessera size absent.o
cp "$TESSERA" host.elf
fails 1 "host.elf: offset 0x4: the ELF class is 2; expected 1" tessera nm host.elf
fails 2 "too few arguments" tessera nm
fails 2 "too few arguments" tessera size
fails 2 "unknown option '--jsno'; did you mean '--json'?" tessera nm --jsno program.elf
ok tessera nm -h
prints "tessera nm main_core_0_2.elf"
ok tessera size -h
prints "tessera size main_core_0_2.elf"

# A full disk is told once.
to_full_disk() { tessera nm program.elf >/dev/full; }
fails 1 "error: cannot write to standard output" to_full_disk
[ "$(grep -c error: .err)" = 1 ] || die "more than one error"
