# Every design of mlir-aie's tests and of the public Phoenix builds: how many parse, print as text
# that parses to the same tree, and pass the verifier; and that placed designs print as aie-opt
# printed them. Needs the mirrors. With DESIGN_LIST=1 the designs that do not parse are listed.
aie=${TESSERA_AIE_MIRROR:-/work/.mirror/hunhoffe+mlir-aie/repo}
builds=${TESSERA_LINK_MIRROR:-/work/.mirror/Unicorn-Commander+Unicorn-Amanuensis/repo}
git -C "$aie" rev-parse HEAD >/dev/null 2>&1 || skip "no mirror of mlir-aie at $aie"
git -C "$builds" rev-parse HEAD >/dev/null 2>&1 || skip "no mirror of Unicorn-Commander/Unicorn-Amanuensis at $builds"

mkdir m
git -C "$aie" archive HEAD test 2>/dev/null | tar -x -C m --wildcards '*.mlir' 2>/dev/null
builds_folder=whisperx/npu/npu_optimization/mel_kernels
git -C "$builds" ls-tree -r --name-only HEAD "$builds_folder" | grep '\.mlir$' >names
while read -r name; do
    mkdir -p "$(dirname "m/builds/$name")"
    git -C "$builds" show "HEAD:$name" >"m/builds/$name"
done <names

# FOLDER WANT: the last line of design_files on all designs below it.
folder() {
    find "m/$1" -name '*.mlir' | sort | grep -v main_input_opt >list
    # shellcheck disable=SC2046 # names without blanks
    "$TEST_PROGRAMS/design_files" $(cat list) >.out 2>.err || die "$1: design_files"
    got=$(tail -n 1 .out)
    echo "$1: $got"
    if [ -n "${DESIGN_LIST:-}" ]; then grep '^  parse' .out; fi
    [ "$got" = "$2" ] || die "$1: expected $2"
}
folder test/npu-xrt "56 of 56 files; parts: 56, parsed 56, the same when printed 56, verified 56"
folder test/objectFifo-stateful-transform "130 of 131 files; parts: 135, parsed 134, the same when printed 134, verified 124"
folder test/create-flows "23 of 23 files; parts: 33, parsed 33, the same when printed 33, verified 33"
folder test/create-packet-flows "22 of 22 files; parts: 24, parsed 24, the same when printed 24, verified 21"
folder test/bd-chains-and-dma-tasks "58 of 58 files; parts: 68, parsed 68, the same when printed 68, verified 62"
folder test/assign-buffer-addresses "18 of 18 files; parts: 22, parsed 22, the same when printed 22, verified 19"
folder test/dialect "108 of 130 files; parts: 312, parsed 237, the same when printed 237, verified 146"
folder test/Targets "58 of 68 files; parts: 72, parsed 62, the same when printed 62, verified 58"
folder builds "104 of 104 files; parts: 104, parsed 104, the same when printed 104, verified 102"

# Text that aie-opt printed comes back as it is, but for the empty line at its end.
lines=0
for name in $(grep '\.prj/' names | grep -v main_input_opt); do
    DESIGN_PRINT=1 "$TEST_PROGRAMS/design_files" "m/builds/$name" | sed '$d' >printed
    sed -e '$!b' -e '/^$/d' "m/builds/$name" >given
    cmp -s printed given || die "$name does not print as it was"
    lines=$((lines + $(wc -l <given)))
done
echo "$lines lines print as aie-opt printed them"
[ "$lines" -ge 6000 ] || die "expected 6000 lines or more"
