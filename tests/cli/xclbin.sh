# tessera xclbin: every command on good and bad input.
cp "$here"/../data/xclbin/*.json .
printf 'not a real PDI, but bytes' >main.pdi
printf 'odd' >odd.pdi
pack="--partition partition.json --kernels kernels.json --memory memory.json"

# pack: of a compiler's files; twice the same bytes
ok tessera xclbin pack $pack -o a.xclbin
prints "a.xclbin: "
ok tessera xclbin pack $pack -o b.xclbin
same a.xclbin b.xclbin
fails 1 "exists already; use --force" tessera xclbin pack $pack -o a.xclbin
ok tessera xclbin pack $pack -o a.xclbin --force
fails 2 "expected either a FOLDER" tessera xclbin pack -o c.xclbin
fails 2 "option '--output' is required" tessera xclbin pack $pack
fails 2 "unknown option '--kernel'; did you mean '--kernels'?" tessera xclbin pack --kernel k -o c.xclbin
fails 1 "none.json: cannot open for reading" tessera xclbin pack --memory none.json -o c.xclbin
absent c.xclbin
ok tessera xclbin pack $pack --time 1700000000 --key SYS:mode:hw_pr --key USER:a:b -o timed.xclbin
ok tessera xclbin info timed.xclbin
prints "2023-11-14 22:13:20 UTC (1700000000)"
prints "mode            PR"
fails 1 "--time is 'noon'" tessera xclbin pack $pack --time noon -o c.xclbin

# a missing PDI stops it, by name, and leaves nothing
mv main.pdi hidden
fails 1 "main.pdi: cannot open for reading" tessera xclbin pack $pack -o c.xclbin
absent c.xclbin .c.xclbin*
mv hidden main.pdi

# errors in documents: line, column, caret
sed 's/MEM_DRAM/MEM_DRUM/' memory.json >bad.json
fails 1 "bad.json:5:27: unknown m_type 'MEM_DRUM'; expected perhaps MEM_DRAM" \
    tessera xclbin pack --memory bad.json -o c.xclbin
grep -qF '"m_type": "MEM_DRUM"' .err || die "no source line"
grep -q '^ *^$' .err || die "no caret"

# a kernel that no CDO group serves is refused, as XRT's tool does
sed 's/0x901/0x902/' kernels.json >other.json
fails 1 "no CDO group serves the kernel id 0x902" tessera xclbin pack --partition partition.json \
    --kernels other.json --memory memory.json -o c.xclbin

# list, info
ok tessera xclbin list a.xclbin
prints "AIE_PARTITION"
prints "0x2e0"
ok tessera xclbin list a.xclbin --json
prints '"section": "EMBEDDED_METADATA"'
prints '"bytes": 88'
ok tessera xclbin info a.xclbin
prints "806c6eb8-d483-48f4-aa63-44eccc3802d5"
prints "ATTENTION"
prints "1 columns, may start at column 1 2 3 4; 2048 operations per cycle"
ok tessera xclbin info a.xclbin --json
prints '"column_width": 1'
fails 2 "too few arguments" tessera xclbin info
fails 2 "unexpected argument" tessera xclbin info a.xclbin b.xclbin
fails 1 "none.xclbin: cannot open" tessera xclbin info none.xclbin
fails 1 "is a folder" tessera xclbin info .
printf 'PK' >short
fails 1 "short: offset 0x2: file ends inside the header" tessera xclbin info short

# check
ok tessera xclbin check a.xclbin
prints "a.xclbin: 0 errors, 0 warnings"
ok tessera xclbin remove a.xclbin IP_LAYOUT -o noip.xclbin
fails 1 "" tessera xclbin check noip.xclbin
prints "missing-section"
fails 1 "" tessera xclbin check noip.xclbin --json
prints '"rule": "missing-section"'

# extract and pack: byte for byte
ok tessera xclbin extract a.xclbin -o folder
prints "folder/xclbin.json: 7 sections"
ok tessera xclbin pack folder -o again.xclbin
prints "unchanged"
same a.xclbin again.xclbin
fails 1 "exists already" tessera xclbin extract a.xclbin -o folder
ok tessera xclbin extract a.xclbin -o folder --force
# an edited file is packed anew, and the difference has a name
sed -i 's/0xc000/0x8000/' folder/00_MEM_TOPOLOGY.json
ok tessera xclbin pack folder -o edited.xclbin
prints_not "unchanged"
fails 1 "" tessera xclbin diff a.xclbin edited.xclbin
prints "m_mem_data[1].m_sizeKB: 0xc000, 0x8000"
# names that leave the folder are refused
sed 's|"file": "00_MEM_TOPOLOGY.json"|"file": "../memory.json"|' folder/xclbin.json >x && cp x folder/xclbin.json
fails 1 "expected a name inside the folder" tessera xclbin pack folder -o c.xclbin
printf '{}' >folder/xclbin.json
fails 1 "expected 'tessera-xclbin-1'" tessera xclbin pack folder -o c.xclbin
absent c.xclbin

# extract by name
ok tessera xclbin extract a.xclbin AIE_PARTITION EMBEDDED_METADATA -o some
same main.pdi some/806c6eb8-d483-48f4-aa63-44eccc3802d5.pdi
grep -q '<kernel name="ATTENTION"' some/EMBEDDED_METADATA.xml || die "no XML"
fails 1 "Did you mean 'PDI'" tessera xclbin extract a.xclbin PDX -o some
fails 1 "does not exists" tessera xclbin extract a.xclbin PDI -o some

# two partitions by name keep apart
ok tessera xclbin add a.xclbin 'AIE_PARTITION[o/ne]:JSON:partition.json' -o two.xclbin
ok tessera xclbin extract two.xclbin AIE_PARTITION 'AIE_PARTITION[o/ne]' -o parts
for f in 'parts/AIE_PARTITION[o_ne].json' parts/AIE_PARTITION.json; do
    [ -f "$f" ] || die "no $f"
done

# diff: one PDI byte
printf 'not a real PDI, bud bytes' >main.pdi
ok tessera xclbin pack $pack -o c.xclbin
fails 1 "" tessera xclbin diff a.xclbin c.xclbin
prints "AIE_PARTITION PDI 0 (806c6eb8-d483-48f4-aa63-44eccc3802d5)"
prints "offset 0x12: 0x74, 0x64"
ok tessera xclbin diff a.xclbin b.xclbin
[ -s .out ] && die "a difference between equal files"

# add, remove, replace
ok tessera xclbin add a.xclbin AIE_RESOURCES:RAW:odd.pdi 'AIE_PARTITION[two]:JSON:two_pdis.json' -o more.xclbin
ok tessera xclbin list more.xclbin
prints "AIE_PARTITION[two]"
fails 1 "already exists" tessera xclbin add a.xclbin MEM_TOPOLOGY:JSON:memory.json -o x.xclbin
fails 1 "does not support reading the RAW file type" tessera xclbin add noip.xclbin IP_LAYOUT:RAW:odd.pdi -o x.xclbin
fails 1 "Expected format <section>:<format>:<file>" tessera xclbin add a.xclbin PDI -o x.xclbin
fails 2 "nothing to add" tessera xclbin add a.xclbin -o x.xclbin
ok tessera xclbin replace a.xclbin AIE_PARTITION:JSON:partition.json -o replaced.xclbin
ok tessera xclbin diff c.xclbin replaced.xclbin
fails 1 "does not exist" tessera xclbin replace a.xclbin PDI:RAW:odd.pdi -o x.xclbin
fails 1 "is not part of the xclbin archive" tessera xclbin remove a.xclbin PDI -o x.xclbin
ok tessera xclbin remove more.xclbin 'AIE_PARTITION[two]' AIE_RESOURCES -o less.xclbin
ok tessera xclbin diff a.xclbin less.xclbin
absent x.xclbin
ok tessera xclbin add a.xclbin --key USER:k:v -o a.xclbin --force
ok tessera xclbin info a.xclbin
prints "Key-value pairs"

# golden: what people see
for name in list info; do
    ok tessera xclbin $name b.xclbin
    golden xclbin/$name.txt
done
