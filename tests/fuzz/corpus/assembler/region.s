        .nohazards
        lda r0, [p0, #0]
        .hazards
        .schedule plain
        lda     r0, [p0], #4
        .noalias 1
        movxm   p1, #buffer
        add     r1, r0, r0
        st      r1, [p1, #0]
        ret     lr
        .endschedule
        .cfi_startproc
        .file   "x.c"
