# Code around kernels: for every public build for a Phoenix whose kernels are there to link, each core's
# function from its body is not larger than the one that aiecc's compiler made of the same body, and
# where the kernel calls no run-time library (ours is another), a round of the core's loop takes no more
# bundles. docs/build.md has the table. Read from a git snapshot; nothing of it is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
[ -d "$git_dir" ] || skip "no snapshot of Unicorn-Amanuensis in $mirror"
command -v git >/dev/null || skip "git is not installed"
show() { git --git-dir="$git_dir" show "HEAD:$1"; }
git --git-dir="$git_dir" ls-tree -r HEAD --name-only | grep 'npu_optimization/' >names

size_of() { # ELF FUNCTION
    ok tessera objdump -t "$1"
    awk -v name="$2" '$NF == name { print $2 }' .out
}

# Bundles that core (0,2) runs in so many rounds.
bundles() { # FOLDER ROUNDS ARGUMENT...
    folder=$1 rounds=$2
    shift 2
    ok tessera run -x "$folder/input_physical.xclbin" -i "$folder/insts.bin" --iters "$rounds" --stats "$@"
    awk '$1 == "(0,2)" && $2 ~ /^[0-9]+$/ { print $3; exit }' .out
}

compare_rounds() { # PROJECT IN OUT
    head -c "$2" /dev/zero | tr '\0' '\5' >in.bin
    for which in theirs ours; do
        few=$(bundles $which 4 --arg in:in.bin --arg "out:$3:$which.bin")
        many=$(bundles $which 12 --arg in:in.bin --arg "out:$3:$which.bin")
        eval "$which=$((many - few))"
    done
    same theirs.bin ours.bin
    # shellcheck disable=SC2154 # set by eval
    [ "$ours" -le "$theirs" ] || die "$1: 8 rounds take $ours bundles, $theirs with their program"
    n_rounds=$((n_rounds + 1))
}

n_cores=0 n_rounds=0 last=
for path in $(grep '/main_core_[0-9_]*\.elf$' names); do
    project=$(dirname "$path")
    [ "$project" = "$last" ] && continue
    last=$project
    rm -rf in theirs ours
    mkdir in
    for name in $(grep "^$project/main_core_[0-9_]*\.elf" names) "$project/input_physical.mlir" \
        $(grep "^$(dirname "$project")/[^/]*\.o$" names); do
        show "$name" >"in/$(basename "$name")"
    done
    # two kernels are not there
    grep -o 'link_with = "[^"]*"' in/input_physical.mlir | cut -d'"' -f2 | sort -u >wanted
    while read -r name; do [ -f "in/$name" ] || continue 2; done <wanted
    ok tessera build in/input_physical.mlir -o ours --allow-stack-overflow
    set --
    for elf in in/main_core_*.elf; do
        place=$(basename "$elf" .elf | sed 's/main_core_//')
        theirs=$(size_of "$elf" "core_$place")
        size=$(size_of "ours/main_core_$place.elf" "core_$place")
        [ "$size" -le "$theirs" ] || die "$project: core_$place has $size bytes, theirs $theirs"
        set -- "$@" --elf "$(echo "$place" | tr _ ,)=$elf"
        n_cores=$((n_cores + 1))
    done
    case $project in
    */build_gelu/gelu_simple.mlir.prj) arguments="512 512" ;;
    */build_gelu/gelu_2048.mlir.prj) arguments="2048 2048" ;;
    */build_minimal/*) arguments="800 80" ;;
    *) continue ;;
    esac
    ok tessera build in/input_physical.mlir -o theirs --allow-stack-overflow "$@"
    compare_rounds "$project" $arguments
done
echo "$n_cores functions of cores are not larger; $n_rounds loops take no more bundles"
[ "$n_cores $n_rounds" = "46 3" ] || die "expected 46 functions and 3 loops"
