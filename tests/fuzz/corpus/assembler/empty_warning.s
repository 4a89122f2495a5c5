        .warning ""
        .error ""
