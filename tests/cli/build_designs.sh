# Every design in mlir-aie's test/npu-xrt that is for an NPU of this generation, each device of it:
# placed, routed, configured, with a program that only returns in each core. docs/build.md names
# those of other generations. Read from a git snapshot; nothing of it is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/hunhoffe+mlir-aie/repo
[ -d "$git_dir" ] || skip "no snapshot of mlir-aie in $mirror"
command -v git >/dev/null || skip "git is not installed"
git --git-dir="$git_dir" ls-tree -r HEAD --name-only test/npu-xrt | grep '\.mlir$' >names
printf ' .text\n .globl f\n .type f,@function\nf:\n ret lr\n nop\n nop\n nop\n nop\n nop\n' >f.s
ok tessera as f.s -o f.o
ok tessera ld f.o -u f -e f --no-runtime -o f.elf

# Build a device of in.mlir, the only one unless told --device NAME, with a program for each core; 1
# when it cannot be.
build_device() {
    tessera map in.mlir "$@" >map.txt 2>.err || return 1
    sed '/^$/q' map.txt | sed -n 's/^(\([0-9]*,[0-9]*\))  compute  *[0-9][0-9 ]*.*/\1/p' >tiles
    while read -r tile; do
        grep -q "^($tile)  0x00000 .* stack" map.txt && set -- "$@" --elf "$tile=f.elf"
    done <tiles
    tessera build in.mlir -o out "$@" >.out 2>.err || return 1
    tessera xclbin check out/in.xclbin >.out 2>.err
}

n=0 n_devices=0 n_other=0
while read -r name; do
    for device in npu1_1col npu1; do
        git --git-dir="$git_dir" show "HEAD:$name" | sed "s/NPUDEVICE/$device/g" >in.mlir
        is_built=yes
        devices=$(sed -n 's/.*aie\.device([a-z0-9_]*) *@\([A-Za-z0-9_]*\).*/\1/p' in.mlir)
        for each in $devices; do
            build_device --device "$each" || is_built=no
            [ $is_built = yes ] || break
            n_devices=$((n_devices + 1))
        done
        [ -n "$devices" ] || build_device || is_built=no
        grep -q 'outside of npu1_1col' .err || break
    done
    if [ $is_built = yes ]; then
        n=$((n + 1))
    elif grep -q 'this device is not supported' .err; then
        n_other=$((n_other + 1))
    else
        die "$name: not built"
    fi
done <names
echo "$n designs are built, $n_devices devices by name; $n_other are for other generations"
[ "$n $n_other" = "53 3" ] || die "expected 53 and 3"
