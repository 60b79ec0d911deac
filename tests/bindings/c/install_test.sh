#!/bin/bash
# What is installed is found by pkg-config, compiles and links, by C and by C++, and runs.
set -euo pipefail
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
bindings/c/install.sh "$prefix" bindings/c
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
expected="Hello, dear world, caret at 17"

# shellcheck disable=SC2046
gcc -std=c99 -x c bindings/c/two_copies.c -x none $(pkg-config --cflags --libs cotext) \
  -Wl,-rpath,"$prefix/lib" -o "$prefix/shared"
[[ $("$prefix/shared") == "$expected" ]]
readelf -d "$prefix/shared" | grep -q 'NEEDED.*libcotext\.so\.1'

# shellcheck disable=SC2046
gcc -std=c99 -x c bindings/c/two_copies.c -x none $(pkg-config --cflags cotext) \
  "$(pkg-config --variable=libdir cotext)/libcotext.a" -lm -o "$prefix/static"
[[ $("$prefix/static") == "$expected" ]]

# Beside another copy of the C++ runtime.
# shellcheck disable=SC2046
g++ -x c++ bindings/c/two_copies.c -x none $(pkg-config --cflags cotext) \
  "$prefix/lib/libcotext.a" -static-libstdc++ -Wl,--whole-archive -l:libstdc++.a \
  -Wl,--no-whole-archive -o "$prefix/twice"
[[ $("$prefix/twice") == "$expected" ]]

# shellcheck disable=SC2046
g++ -x c++ bindings/c/two_copies.c -x none $(pkg-config --cflags --libs cotext) \
  -Wl,-rpath,"$prefix/lib" -o "$prefix/plus"
[[ $("$prefix/plus") == "$expected" ]]

# shellcheck disable=SC2046
gcc -std=c99 -x c bindings/c/example.c -x none $(pkg-config --cflags --libs cotext_client) \
  -Wl,-rpath,"$prefix/lib" -o "$prefix/example"
status=0
"$prefix/example" 2>/dev/null || status=$?
[[ $status == 2 ]]
