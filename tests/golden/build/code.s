        .text
        .p2align 4
        .globl core_0_2
        .type core_0_2, @function
core_0_2:
        .schedule
        mova r16, #-1
        mova r17, #1
        .endschedule
        .p2align 4
.L0_2:
        .schedule
        acq #49, r16
        acq #50, r16
        movxm p0, #of_in_cons_buff_0
        movxm p1, #of_out_buff_0
        mova r0, #1
        jl #add
        .endschedule
        .schedule
        rel #48, r17
        rel #51, r17
        acq #49, r16
        acq #50, r16
        movxm p0, #of_in_cons_buff_1
        movxm p1, #of_out_buff_1
        mova r0, #1
        jl #add
        .endschedule
        .schedule no_streams
        rel #48, r17
        rel #51, r17
        j #.L0_2
        .endschedule
.Lend0:
        .size core_0_2, .Lend0 - core_0_2
        .section .stack_sizes,"o",@progbits,.text
        .long core_0_2
        .uleb128 0

        .text
        .p2align 4
        .globl add
        .type add, @function
add:
        .schedule
        mova r1, #8
        .endschedule
        .p2align 4
.L1_2:
        .schedule
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        lda r2, [p0], #4
        add r3, r2, r0
        st r3, [p1], #4
        add r1, r1, #-1
        jnz r1, #.L1_2
        .endschedule
        .schedule
        ret lr
        .endschedule
.Lend1:
        .size add, .Lend1 - add
        .section .stack_sizes,"o",@progbits,.text
        .long add
        .uleb128 0

