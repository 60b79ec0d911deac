#!/bin/bash
# Puts the C interface where compilers and pkg-config look for it.
# Usage: install.sh PREFIX FOLDER, where FOLDER has the libraries that were built; the headers are
# beside this script.
set -euo pipefail
prefix=$1 built=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

mkdir -p "$prefix/include/cotext" "$prefix/lib/pkgconfig"
install -m 644 "$here"/cotext{,_client,_document,_session}.h "$prefix/include/cotext"
install -m 644 "$built/libcotext.a" "$prefix/lib"
for name in cotext cotext_client; do
  install -m 755 "$built/lib$name.so" "$prefix/lib/lib$name.so.1"
  ln -sf "lib$name.so.1" "$prefix/lib/lib$name.so"
  sed "s|@PREFIX@|$prefix|" "$here/$name.pc.in" >"$prefix/lib/pkgconfig/$name.pc"
  chmod 644 "$prefix/lib/pkgconfig/$name.pc"
done
