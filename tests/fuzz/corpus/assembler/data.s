        .section .data.x,"aw",@progbits
a:      .byte 1, 'a', -1, 0x1f, 0b11, 017, later - 2
        .short a - b, 5
b:      .word .Lx + 4, ., (b - a) * 2, later << 2
        .quad 1
        .asciz "t\x41\101\n", "u"
        .uleb128 300
        .sleb128 -300
        .fill 3, 2, 7
        .p2align 3, 0xff, 9
        .org . + 4, 1
        .space 3
        .comm c, 8, 4
        .lcomm d, 4
        .hidden a
.Lx = a
later = 7
        .section .rodata.str1.1,"aMS",@progbits,1
        .previous
        .pushsection .bss
        .zero 5
        .popsection
        .section .text.g,"axG",@progbits,g,comdat
        nop
        .section .stack_sizes,"o",@progbits,.text.g
        .weak c
