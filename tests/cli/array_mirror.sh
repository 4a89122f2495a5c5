# The eleven public builds for a Phoenix run in the emulator until their first output. Ten finish; build_optimized
# overwrites its own data with its stack first (the finding says so) and then runs for ever. Three have their whole C
# source beside them: compiled for the host by g++ (12.2, x86-64) it gives the bytes of these sums.
mirror=${TESSERA_MIRROR:-$here/../../../.mirror}
git_dir=$mirror/Unicorn-Commander+Unicorn-Amanuensis/repo
[ -d "$git_dir" ] || skip "no snapshot of Unicorn-Amanuensis in $mirror"
command -v git >/dev/null || skip "git is not installed"
n_done=0
n_stack=0
for path in $(git --git-dir="$git_dir" ls-tree -r HEAD --name-only | grep 'mel_kernels/.*main\.pdi$'); do
    folder=${path%/main.pdi}
    n=800
    case $path in
    */build_batch10/*) n=8000 ;;
    */build_batch20/*) n=16000 ;;
    */build_batch30/*) n=24000 ;;
    esac
    git --git-dir="$git_dir" show "HEAD:$path" >main.pdi
    elf=main.elf
    git --git-dir="$git_dir" show "HEAD:$folder/main_core_0_2.elf" >$elf 2>/dev/null || elf=-
    limit=6000000
    case $path in */build_optimized/*) limit=200000 ;; esac
    status=0
    "$TEST_PROGRAMS/run_pdi" main.pdi $elf $n $((n / 10)) $limit >out.txt || status=$?
    [ $status -le 1 ] || die "$path: status $status: $(cat out.txt)"
    echo "$folder: $(head -n 1 out.txt)"
    grep -q '^  deadlock' out.txt && die "$path: $(cat out.txt)"
    grep -q '^  stack .* writes its stack at' out.txt && n_stack=$((n_stack + 1))
    case $path in
    */build_optimized/*)
        grep -q '^cycle limit reached' out.txt || die "$path: $(cat out.txt)"
        grep -q '^  stack .*2720 bytes beyond' out.txt || die "$path: $(cat out.txt)"
        ;;
    *)
        [ $status -eq 0 ] || die "$path: $(cat out.txt)"
        n_done=$((n_done + 1))
        ;;
    esac
    case $path in
    */build_int/*) want=fc70dc24c724146c ;;
    */build_minimal/*) want=4d9a0170036ef975 ;;
    */mel_with_loop_linkwith.mlir.prj/*) want=8122fe0087da70b5 ;;
    *) continue ;;
    esac
    grep -q "output $want" out.txt || die "$path: not what its C gives on the host: $(cat out.txt)"
    [ "$(wc -l <out.txt)" -eq 1 ] || die "$path: $(cat out.txt)"
done
[ $n_done -eq 10 ] || die "$n_done builds finish, not 10"
[ $n_stack -ge 5 ] || die "$n_stack builds are told that their stack overflows"
