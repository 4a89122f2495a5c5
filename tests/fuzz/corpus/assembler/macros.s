.macro m a:req, b=2, rest:vararg
        .byte \a, \b, \@
        .ifnb \rest
        .irp q, \rest
        .byte \q
        .endr
        .else
        .exitm
        .endif
.endm
        .data
        m 1
        m 3, b=4
        m 5, 6, 7, 8
        .rept 3
        .irpc c, ab
        .ascii "\c"
        .endr
        .endr
        .if 1 < 2 && !0
        .ifdef x
        .elseif 0
        .else
        .ifc a b, a b
        .endif
        .endif
        .endif
        .purgem m
x = 1
x = x + 1
        .include "?"
        .incbin "!", 2, 3
        .warning "w"
        .end
