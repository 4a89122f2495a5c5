// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// read_processor_bus(p0 data, r0 address, r1 size, r2 stride): words of the tile's registers, size of at
// least 1. They begin at 0x80000 of the core.
        .globl  read_processor_bus
        .type   read_processor_bus,@function
        .p2align 4
read_processor_bus:
        .schedule
        movxm   r3, #0x80000
        add     r0, r0, r3
        mov     p1, r0
        mov     m0, r2
        add     r1, r1, #-1
        movxm   p2, #.Lword
        .endschedule
        .p2align 4
.Lword:
        .schedule
        lda.tm  r3, [p1]
        padda   [p1], m0
        st      r3, [p0], #4
        jnzd    r1, r1, p2
        .endschedule
        .schedule
        ret     lr
        .endschedule
        .size   read_processor_bus, . - read_processor_bus
