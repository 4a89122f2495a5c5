# Listings that are their own input: packed and listed again, each comes back as it is. One has every
# command, one a small configuration in words. TESSERA_GOLDEN_UPDATE=1 rewrites them.
for golden in "$here"/../golden/cdo/*.txt; do
    ok tessera cdo pack "$golden" -o golden.cdo -f
    ok tessera cdo list golden.cdo -o again.txt -f
    if [ "${TESSERA_GOLDEN_UPDATE:-}" = 1 ]; then
        cmp -s again.txt "$golden" || cp again.txt "$golden"
    fi
    diff -u "$golden" again.txt >.out 2>&1 || die "$golden lists differently"
done
