padda [p0], #4; padda [p0], #6
a: a: .byte 256
vmov.hi cm0, MCD
j #.Lno ; j #1f
.word 1/0, x - y, 'a, "s
.section .x,"q"
.if
.macro
.rept 2
