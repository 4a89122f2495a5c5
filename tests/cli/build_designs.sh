# Every design in mlir-aie's test/npu-xrt that is for an NPU of this generation, each device of it:
# placed, routed, configured, with programs made of the bodies of the cores. Their kernels in C++ are
# functions here that only return. docs/build.md names those of other generations. Read from a git
# snapshot; nothing of it is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/hunhoffe+mlir-aie/repo
[ -d "$git_dir" ] || skip "no snapshot of mlir-aie in $mirror"
command -v git >/dev/null || skip "git is not installed"
git --git-dir="$git_dir" ls-tree -r HEAD --name-only test/npu-xrt | grep '\.mlir$' >names

# What in.mlir links with: an object for each name, with the functions that are said to come from it;
# where that is not said, from the first.
make_kernels() {
    rm -f kernels/*
    sed -n 's/.*link_with *= *"\([^"]*\)".*/\1/p' in.mlir | sort -u >objects
    first=$(head -n 1 objects)
    while read -r object; do
        {
            sed -n "s/.*func.func private @\([A-Za-z0-9_]*\)(.*link_with *= *\"$object\".*/\1/p" in.mlir
            [ "$object" != "$first" ] ||
                sed -n '/link_with/d; s/.*func.func private @\([A-Za-z0-9_]*\)(.*/\1/p' in.mlir
        } | sort -u | sed 's/.*/ .globl &\n .type &,@function\n&:\n ret lr\n nop\n nop\n nop\n nop\n nop\n .size &, . - &/' >k.s
        ok tessera as k.s -o "kernels/$object"
    done <objects
}
mkdir kernels

# Build a device of in.mlir, the only one unless told --device NAME; 1 when it cannot be.
build_device() {
    tessera build in.mlir -o out -I kernels "$@" >.out 2>.err || return 1
    tessera xclbin check out/in.xclbin >.out 2>.err
}

n=0 n_devices=0 n_other=0
while read -r name; do
    for device in npu1_1col npu1; do
        git --git-dir="$git_dir" show "HEAD:$name" | sed "s/NPUDEVICE/$device/g" >in.mlir
        is_built=yes
        make_kernels
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
