# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# How every target of the project is compiled, and the two kinds of target there are.

add_library(tessera_options INTERFACE)
target_include_directories(tessera_options INTERFACE ${PROJECT_SOURCE_DIR}/include)
# POSIX.1-2008: mkstemp, realpath, open_memstream.
target_compile_definitions(tessera_options INTERFACE _XOPEN_SOURCE=700)
target_compile_options(tessera_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wstrict-prototypes -Wmissing-prototypes -Wvla -fno-common)
# Results must not tell where they were built.
target_compile_options(tessera_options INTERFACE "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(TESSERA_WERROR)
  target_compile_options(tessera_options INTERFACE -Werror)
endif()
if(TESSERA_SANITIZE)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(tessera_options INTERFACE ${sanitize})
  target_link_options(tessera_options INTERFACE ${sanitize})
endif()
if(TESSERA_LIBFUZZER)
  target_compile_options(tessera_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# tessera_library(NAME SOURCES a.c b.c [LINK target...]): one folder of src/, compiled once; all
# of them together are the library `tessera`.
function(tessera_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(tessera_${name} OBJECT ${arg_SOURCES})
  target_link_libraries(tessera_${name} PRIVATE tessera_options ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY TESSERA_LIBRARIES tessera_${name})
  set_property(GLOBAL APPEND PROPERTY TESSERA_LINK ${arg_LINK})
endfunction()
