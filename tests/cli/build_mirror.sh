# Every public build for a Phoenix that kept its image: from its placed design and its core programs
# come the same image, linker scripts and documents, and the instruction stream that its lowered
# design says; and from its source, placed and routed anew, the same again. docs/build.md has the
# table. Read from a git snapshot; nothing of it is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
[ -d "$git_dir" ] || skip "no snapshot of Unicorn-Amanuensis in $mirror"
command -v git >/dev/null || skip "git is not installed"
show() { git --git-dir="$git_dir" show "HEAD:$1"; }
git --git-dir="$git_dir" ls-tree -r HEAD --name-only | grep 'npu_optimization/.*mlir' >names
n_pdi=0 n_other=0 n_script=0 n_insts=0 n_wide=0 n_too_deep=0 n_source=0

# The words of a document without white space, UUID and folder.
words() { tr -d ' \n' <"$1" | sed 's/"uuid":"[^"]*"//; s,"file_name":"[^"]*/,"file_name":",'; }

build() { # DESIGN FOLDER ELFS...
    design=$1 folder=$2
    shift 2
    ok tessera build "$design" -o "$folder" --allow-stack-overflow "$@"
}

for path in $(grep '/main\.pdi$' names); do
    project=$(dirname "$path")
    rm -rf in out lowered source
    mkdir in
    for name in $(grep "^$project/main" names) "$project/input_physical.mlir"; do
        show "$name" >"in/$(basename "$name")"
    done
    set --
    for elf in in/main_core_*.elf; do
        place=$(echo "$elf" | sed 's/.*core_\([0-9]*\)_\([0-9]*\)\.elf/\1,\2/')
        [ -f "$elf" ] && set -- "$@" --elf "$place=$elf"
    done
    if [ $# -eq 0 ]; then
        # The program was not kept: with another one, all commands but its blocks are the same.
        build in/input_physical.mlir out --elf 0,2=stand_in.elf
        for which in in out; do
            ok tessera cdo list --brief $which/main.pdi
            grep -v '^dma_write tile(0,2)\.\(program\|data\)+' .out >$which.txt
        done
        same in.txt out.txt
        n_other=$((n_other + 1))
    else
        [ $# -ne 2 ] || cp in/main_core_0_2.elf stand_in.elf
        build in/input_physical.mlir out "$@"
        n_too_deep=$((n_too_deep + $(grep -c '^warning: the stack of core' .err)))
        same in/main.pdi out/main.pdi
        n_pdi=$((n_pdi + 1))
    fi
    for script in in/*.ld.script; do
        same "$script" "out/$(basename "$script")"
        n_script=$((n_script + 1))
    done
    for name in mem_topology kernels aie_partition; do
        [ "$(words in/main_$name.json)" = "$(words out/main_$name.json)" ] && continue
        # The builds' aiecc gives every kernel five buffers; ours as many as its sequence has.
        [ $name = kernels ] || die "$project: main_$name.json"
        grep -q '"bo5"' out/main_kernels.json || die "$project: main_kernels.json"
        n_wide=$((n_wide + 1))
    done
    grep -q "^$project/npu_insts.mlir$" names || continue
    [ $# -gt 0 ] || set -- --elf 0,2=stand_in.elf
    # The builds are from before mlir-aie placed by banks.
    source=$(grep -x "${project%.prj}" names || grep "/$(basename "${project%.prj}")\$" names | head -n 1)
    if [ -f in/main_core_0_2.elf ] && [ -n "$source" ]; then
        show "$source" >in/source.mlir
        build in/source.mlir source "$@" --alloc-scheme=basic-sequential
        same in/main.pdi source/main.pdi
        same out/insts.bin source/insts.bin
        for script in in/*.ld.script; do
            same "$script" "source/$(basename "$script")"
        done
        n_source=$((n_source + 1))
    fi
    show "$project/npu_insts.mlir" >in/npu_insts.mlir
    build in/npu_insts.mlir lowered "$@"
    same lowered/insts.bin out/insts.bin
    same lowered/main.pdi out/main.pdi
    n_insts=$((n_insts + 1))
    # Two streams and containers are in a large-file store, known by hash and size.
    case $project in
    */build_fixed_v3/*) insts=insts_v3.bin xclbin=mel_fixed_v3.xclbin ;;
    */build_layernorm_nosqrt/*) insts=main_sequence.bin xclbin=main.xclbin ;;
    *) continue ;;
    esac
    oid=$(show "$(dirname "$project")/$insts" | sed -n 's/^oid sha256://p')
    [ "$(sha256sum <out/insts.bin)" = "$oid  -" ] || die "$project: not the stream of the build"
    size=$(show "$(dirname "$project")/$xclbin" | sed -n 's/^size //p')
    [ "$(($(wc -c <out/input_physical.xclbin)))" = "$size" ] || die "$project: not $size bytes"
done
echo "$n_pdi images, $n_script linker scripts and $n_insts instruction streams are the same;" \
    "$n_other images but for the program; $n_source are the same from their sources;" \
    "$n_too_deep stacks do not fit"
want="33 1 49 33 3 32"
got="$n_pdi $n_other $n_script $n_insts $n_wide $n_source"
[ "$got" = "$want" ] || die "expected $want, not $got"
