# Compiled core programs of public Phoenix projects: every bundle decodes, and the text of the code
# assembles to the same bytes. They are read from a git snapshot (TESSERA_MIRROR), and nothing of them
# is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
repository=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
[ -d "$repository" ] || skip "no snapshot of Unicorn-Amanuensis in $mirror"
command -v git >/dev/null || skip "git is not installed"

# The bytes of the bundles, a line each.
bundles() { tessera objdump -d --json "$1" | sed -n 's/^ *"bytes": "\([0-9a-f]*\)".*/\1/p'; }

n_programs=0
n_bundles=0
for path in $(git --git-dir="$repository" ls-tree -r HEAD --name-only | grep '\.elf$'); do
    git --git-dir="$repository" show "HEAD:$path" >in.elf
    ok tessera objdump --source in.elf
    # Bytes that are no bundle would be listed as such.
    if grep -q '^ *\.byte' .out; then die "$path: $(grep '^ *\.byte' .out | head -n 3)"; fi
    mv .out text.s
    ok tessera as --no-hazards text.s -o out.o
    bundles in.elf >want.txt
    n=$(wc -l <want.txt)
    # Behind the code the assembler pads to 16 bytes.
    bundles out.o | head -n "$n" >got.txt
    same want.txt got.txt
    n_programs=$((n_programs + 1))
    n_bundles=$((n_bundles + n))
done
[ $n_programs -ge 37 ] || die "only $n_programs programs in the snapshot"
echo "$n_programs programs, $n_bundles bundles are the same"
