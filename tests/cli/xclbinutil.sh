# The face of XRT's xclbinutil, also when called by that name.
cp "$here"/../data/xclbin/*.json .
printf 'not a real PDI, but bytes' >main.pdi
printf 'odd' >odd.pdi
ln -s "$TESSERA" xclbinutil
tool() { ./xclbinutil "$@"; }

ok tool --help
prints "usage: xclbinutil OPTIONS"
ok tool
ok tool --version
ok tool --list-sections
prints "  AIE_PARTITION"
fails 2 "stand alone option" tool --list-sections --quiet
fails 2 "Positional arguments" tool a.xclbin
fails 2 "did you mean '--add-section'?" tool --ad-section PDI:RAW:odd.pdi
fails 2 "signing is left to XRT's tool" tool --private-key k
fails 2 "the required argument for option '--input' is missing" tool --input
fails 2 "does not take any arguments" tool --quiet=1

# recipe (b), as aiecc calls it
ok tool --add-kernel kernels.json --add-replace-section MEM_TOPOLOGY:JSON:memory.json \
    --add-replace-section AIE_PARTITION:JSON:partition.json --force --output b.xclbin
prints "Section: 'MEM_TOPOLOGY'(6) was successfully added."
prints "Size   : 88 bytes"
prints "Successfully wrote"
ok tessera xclbin check b.xclbin
# the same through `tessera xclbin pack`
ok tessera xclbin pack --partition partition.json --kernels kernels.json --memory memory.json -o p.xclbin
same b.xclbin p.xclbin

# recipe (a), several values behind one option, option names cut short
ok tool --add-sec PDI:RAW:main.pdi AIE_PARTITION:JSON:partition.json IP_LAYOUT:JSON:ip_layout.json \
    MEM_TOPOLOGY:JSON:memory.json -q -o a.xclbin
ok tessera xclbin list a.xclbin
prints "GROUP_TOPOLOGY"
fails 1 "exists already" tool --add-section PDI:RAW:main.pdi --output a.xclbin
fails 1 "also used for input" tool --input a.xclbin --force --output a.xclbin

# no output may be an input, nor another output
cp main.pdi keep.pdi
fails 1 "main.pdi: this output file is also used for input" \
    tool -q --force --add-section PDI:RAW:main.pdi --output main.pdi
ln -s main.pdi linked.pdi
fails 1 "also used for input" tool -q --force --add-section PDI:RAW:linked.pdi --output main.pdi
fails 1 "is read here and also the output file" \
    tool -q --force --add-section AIE_PARTITION:JSON:partition.json --output main.pdi
same main.pdi keep.pdi
fails 1 "also used for input" tool -q --force --add-kernel kernels.json --output kernels.json
fails 1 "also used for other output" tool -q --input a.xclbin --output x --info x
fails 1 "also used for input" tool -q --force --input a.xclbin --dump-section MEM_TOPOLOGY:JSON:a.xclbin
fails 1 "is read here and also the output file" tessera xclbin pack --memory memory.json -o memory.json -f
absent x

# dumps
ok tool -q --input a.xclbin --dump-section MEM_TOPOLOGY:JSON:m.json --dump-section=PDI:RAW:p.pdi
same p.pdi main.pdi
grep -q '"m_sizeKB": "0x10000",' m.json || die "not XRT's JSON"
fails 1 "exists already" tool -q --input a.xclbin --dump-section MEM_TOPOLOGY:JSON:m.json
ok tool -q --input a.xclbin --dump-section MEM_TOPOLOGY:HTML:m.html
grep -q '^<!DOCTYPE html><html><body><h1>Section: MEM_TOPOLOGY (6)</h1><pre>' m.html || die "no page"
ok tool -q --input a.xclbin --dump-section :JSON:all.json
grep -q '"group_topology"' all.json || die "not all sections"
fails 1 "does not exists" tool -q --input a.xclbin --dump-section CONNECTIVITY:JSON:c.json
fails 1 "does not support writing to the RAW file type" tool -q --input a.xclbin --dump-section AIE_PARTITION:RAW:x
absent c.json x
# what was dumped can be added again: all sections of one document
ok tool -q --add-section :JSON:all.json --output all.xclbin
fails 1 "does not map to a given section type" tool -q --add-section :JSON:kernels.json --output x.xclbin

# keys, target, UUID, time
ok tool -q --input a.xclbin --key-value SYS:PlatformVBNV:amd_npu1 USER:who:me --target hw \
    --key-value SYS:dfx_enable:true --output k.xclbin
ok tool --input k.xclbin --info --quiet
prints "Platform VBNV:          amd_npu1"
prints "1) 'who' = 'me'"
ok tool -q --input k.xclbin --remove-key who --output k2.xclbin
ok tool -q --input k2.xclbin --info report.txt
grep -q "<empty>" report.txt || die "the key is still there"
fails 1 "mutually exclusive" tool -q --input a.xclbin --target hw --key-value SYS:mode:flat --output x.xclbin
fails 1 "'--target' needs to be defined" tool -q --input a.xclbin --key-value SYS:dfx_enable:true --output x.xclbin
fails 1 "Unknown target option: 'cloud'" tool -q --input a.xclbin --target cloud --output x.xclbin
ok tool -q --input a.xclbin --key-value SYS:XclbinUUID:00112233445566778899aabbccddeeff --output u.xclbin
ok tessera xclbin info u.xclbin
prints "00112233-4455-6677-8899-aabbccddeeff"
ok tool -q --input u.xclbin --skip-uuid-insertion --output v.xclbin
same u.xclbin v.xclbin
fails 1 "platformVBNV information" tool -q --input a.xclbin --file-check
ok tool -q --input k.xclbin --file-check
ok tool -q --input a.xclbin --key-value sys:XclbinUUID:ffeeddccbbaa99887766554433221100 --output w.xclbin
ok tessera xclbin info w.xclbin
prints "ffeeddcc-bbaa-9988-7766-554433221100"
ok tool --input a.xclbin --key-value USER:a:1 USER:a:2 --output y.xclbin
prints "Creating new key 'a' with the value '1'"
prints "Updating key 'a' to '2'"
if [ -e /dev/full ]; then
    ./xclbinutil --list-sections >/dev/full 2>.err && die "a full disk is not noticed"
fi

# merge, replace, remove, grouping
ok tool -q --input a.xclbin --add-merge-section MEM_TOPOLOGY:JSON:memory.json --output m.xclbin
ok tool -q --input m.xclbin --dump-section MEM_TOPOLOGY:JSON:m2.json
grep -q '"m_count": "4"' m2.json || die "not merged"
fails 1 "only supported with the JSON format" tool -q --input a.xclbin --add-merge-section PDI:RAW:odd.pdi --output x.xclbin
ok tool -q --input a.xclbin --replace-section PDI:RAW:odd.pdi --output r.xclbin
ok tool -q --input r.xclbin --dump-section PDI:RAW:r.pdi
same r.pdi odd.pdi
ok tool -q --input a.xclbin --remove-section PDI GROUP_TOPOLOGY --skip-bank-grouping --output s.xclbin
ok tessera xclbin list s.xclbin
prints_not "GROUP_TOPOLOGY"
absent x.xclbin

# golden: the report
ok tool -q --input b.xclbin --info
golden xclbin/report.txt
