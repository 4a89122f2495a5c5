        .text
        .p2align 4
        .globl core_0_2
        .type core_0_2, @function
core_0_2:
        .schedule
        paddb [sp], #32
        st lr, [sp, #-32]
        .endschedule
        .p2align 4
.L0_2:
        .schedule
        mova r0, #-1
        acq #49, r0
        acq #50, r0
        movxm p0, #of_in_cons_buff_0
        movxm p1, #of_out_buff_0
        mova r0, #1
        jl #add
        .endschedule
        .schedule
        mova r0, #1
        rel #48, r0
        rel #51, r0
        mova r1, #-1
        acq #49, r1
        acq #50, r1
        movxm p0, #of_in_cons_buff_1
        movxm p1, #of_out_buff_1
        jl #add
        .endschedule
        .schedule
        mova r0, #1
        rel #48, r0
        rel #51, r0
        j #.L0_2
        .endschedule
.Lend0:
        .size core_0_2, .Lend0 - core_0_2
        .section .stack_sizes,"o",@progbits,.text
        .long core_0_2
        .uleb128 32

        .text
        .p2align 4
        .globl add
        .type add, @function
add:
        .schedule
        mova r1, #0
        mova r2, #256
        .endschedule
        .p2align 4
.L1_2:
        .schedule
        mova r3, #2
        lshl r4, r1, r3
        mov dj0, r4
        lda r4, [p0, dj0]
        add r4, r4, r0
        lshl r3, r1, r3
        mov dj1, r3
        st r4, [p1, dj1]
        add r1, r1, #1
        add r2, r2, #-1
        jnz r2, #.L1_2
        .endschedule
        .schedule
        ret lr
        .endschedule
.Lend1:
        .size add, .Lend1 - add
        .section .stack_sizes,"o",@progbits,.text
        .long add
        .uleb128 0

