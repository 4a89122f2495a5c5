# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A bound for the stack of a core program, from its listing alone: a function's frame is the sum of
# all that it adds to sp anywhere, what it calls or jumps to runs above all of that.
function number(s, i, value) {
    for (i = 1; i <= length(s); i++) value = value * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
    return value + 0
}
function depth(f, i, below, most) {
    for (i = 1; i <= n; i++)
        if (from[i] == f && (to[i] in name) && to[i] != f && (below = depth(to[i])) > most) most = below
    return frame[f] + most
}
/^[0-9a-f]+ <.*>:$/ { if ($2 !~ /^<\.L/) { at = number($1); name[at] = $2 } }
/^ +[0-9a-f]+:/ {
    for (s = $0; match(s, /padd[ab] +\[sp\], #[0-9]+/); s = substr(s, RSTART + RLENGTH)) {
        value = substr(s, RSTART, RLENGTH)
        sub(/.*#/, "", value)
        frame[at] += value
    }
    for (s = $0; match(s, /j(l|z|nz)? +(r[0-9]+, *)?#[0-9]+/); s = substr(s, RSTART + RLENGTH)) {
        value = substr(s, RSTART, RLENGTH)
        sub(/.*#/, "", value)
        if (!((at, value + 0) in seen)) { n++; from[n] = at; to[n] = value + 0 }
        seen[at, value + 0] = 1
    }
}
END { print depth(0) }
