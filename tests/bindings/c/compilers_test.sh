#!/bin/bash
# Each header can be read alone, as C of any age and as C++, by two compilers without a warning; the
# examples compile, and link with the libraries by a C compiler alone.
set -euo pipefail
cd bindings/c
warnings=(-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -pedantic -Werror)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for compiler in gcc clang-19; do
  for header in cotext.h cotext_client.h cotext_document.h cotext_session.h; do
    for standard in c99 c11 c17; do
      "$compiler" -std=$standard "${warnings[@]}" -fsyntax-only -x c - <<<"#include \"$PWD/$header\""
    done
    # C++ knows no prototypes but strict ones.
    for standard in c++11 c++20; do
      "$compiler" -std=$standard "${warnings[@]/-Wstrict-prototypes/-Wall}" -fsyntax-only -x c++ - \
        <<<"#include \"$PWD/$header\""
    done
  done
  "$compiler" -std=c99 "${warnings[@]}" two_copies.c libcotext.a -o "$work/static"
  [[ $("$work/static") == "Hello, dear world, caret at 17" ]]
  "$compiler" -std=c99 "${warnings[@]}" two_copies.c libcotext.so -o "$work/shared"
  ln -sf "$PWD/libcotext.so" "$work/libcotext.so.1"
  [[ $(LD_LIBRARY_PATH="$work" "$work/shared") == "Hello, dear world, caret at 17" ]]
  for standard in c99 c11; do
    "$compiler" -std=$standard "${warnings[@]}" example.c libcotext_client.so -o "$work/example"
  done
done
