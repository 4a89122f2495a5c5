# Public images of the Phoenix: every PDI goes through a folder and back, every CDO through text and
# back, and every register in them has a name. They are read from a git snapshot (TESSERA_MIRROR), and nothing of them is kept.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
[ -d "$git_dir" ] || skip "no snapshot of Unicorn-Amanuensis in $mirror"
command -v git >/dev/null || skip "git is not installed"
n_pdi=0
n_cdo=0
for path in $(git --git-dir="$git_dir" ls-tree -r HEAD --name-only | grep 'main\.pdi$\|-0008-.*\.pdi$'); do
    rm -rf in.pdi parts out.pdi
    git --git-dir="$git_dir" show "HEAD:$path" >in.pdi
    ok tessera pdi extract in.pdi -o parts
    ok tessera pdi pack parts -o out.pdi
    same in.pdi out.pdi
    n_pdi=$((n_pdi + 1))
    for cdo in parts/*.cdo; do
        [ -f "$cdo" ] || continue
        rm -f list.txt out.cdo
        ok tessera cdo list "$cdo" -o list.txt
        if grep -qE '^(write|mask_write|mask_poll|dma_write|set)[0-9]* 0x|unknown' list.txt; then
            die "$path: $(grep -E '^[a-z_0-9]+ 0x|unknown' list.txt | head -n 3)"
        fi
        ok tessera cdo pack list.txt -o out.cdo
        same "$cdo" out.cdo
        n_cdo=$((n_cdo + 1))
    done
done
[ $n_pdi -ge 11 ] || die "only $n_pdi images in the snapshot"
echo "$n_pdi images and $n_cdo CDOs are the same"
