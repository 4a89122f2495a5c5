#!/bin/sh
# Compare the project's #include lines with src/LAYERS: a library may include the public headers of
# the libraries listed for it, its own public header, and files of its own folder.
set -eu
cd "$(dirname "$0")/.."
status=0
for folder in src/*/; do
    library=$(basename "$folder")
    allowed=$(sed -n "s/^$library://p" src/LAYERS)
    if ! grep -q "^$library:" src/LAYERS; then
        echo "$folder: not in src/LAYERS"
        status=1
        continue
    fi
    for header in $(grep -rhoE '#include "tessera/[a-z0-9_]+\.h"' "$folder" | sed -E 's/.*tessera\/(.*)\.h"/\1/' | sort -u); do
        case " $allowed $library " in
        *" $header "*) ;;
        *) echo "$folder includes tessera/$header.h, which src/LAYERS does not allow"; status=1 ;;
        esac
    done
    for path in $(grep -rhoE '#include "[^"]+"' "$folder" | sed -E 's/#include "(.*)"/\1/' | grep -v '^tessera/' | sort -u); do
        case "$path" in
        */* | *..*) echo "$folder includes $path: only its own files by plain name"; status=1 ;;
        esac
    done
done
for header in include/tessera/*.h; do
    library=$(basename "$header" .h)
    allowed=$(sed -n "s/^$library://p" src/LAYERS)
    for used in $(grep -hoE '#include "tessera/[a-z0-9_]+\.h"' "$header" | sed -E 's/.*tessera\/(.*)\.h"/\1/'); do
        case " $allowed " in
        *" $used "*) ;;
        *) echo "$header includes tessera/$used.h, which src/LAYERS does not allow"; status=1 ;;
        esac
    done
done
exit $status
