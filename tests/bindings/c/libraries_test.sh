#!/bin/bash
# What the libraries export is what the headers declare, no more and no less, with the version of the
# interface; and libcotext needs nothing but the C library.
set -euo pipefail
cd bindings/c

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

declared() {
  sed -nE 's/^COTEXT_API [a-z0-9_ ]+[* ]+(cotext_[a-z0-9_]+)\(.*/\1/p' "$@" | sort
}
exported() {
  readelf --dyn-syms --wide "$1" | awk '$1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $8 ~ /./ { print $8 }' | sort
}
needed() {
  readelf -d "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' | sort
}

core=(cotext_document.h cotext_session.h)
[[ $(declared "${core[@]}" | wc -l) -gt 70 ]] || fail "the headers were not understood"
diff <(declared "${core[@]}" | sed 's/$/@@COTEXT_1/') <(exported libcotext.so | grep -v '^COTEXT_1$') ||
  fail "libcotext.so exports something else than its headers declare"
diff <(declared "${core[@]}" cotext_client.h | sed 's/$/@@COTEXT_1/') \
  <(exported libcotext_client.so | grep -v '^COTEXT_1$') ||
  fail "libcotext_client.so exports something else than its headers declare"
diff <(declared "${core[@]}") <(nm --extern-only --defined-only libcotext.a | awk 'NF == 3 { print $3 }' | sort) ||
  fail "libcotext.a has other symbols than its headers declare"

others=$(needed libcotext.so | grep -vE '^(libc\.so|libm\.so|ld-linux)' || true)
[[ -z $others ]] || fail "libcotext.so needs $others"
undefined=$(nm --undefined-only libcotext.a | grep -E ' U (_Z|__cxa|__gxx|_Unwind)' || true)
[[ -z $undefined ]] || fail "libcotext.a needs a C++ runtime: $undefined"
[[ $(readelf -d libcotext.so | sed -nE 's/.*\(SONAME\).*\[(.*)\]/\1/p') == libcotext.so.1 ]] ||
  fail "the soname of libcotext.so"
