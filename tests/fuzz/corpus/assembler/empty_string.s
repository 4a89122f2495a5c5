        .ascii ""
