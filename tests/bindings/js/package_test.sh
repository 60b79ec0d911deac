#!/bin/bash
# Runs a Node test in a folder in which the package is installed, with its own copy of the test.
# Usage: package_test.sh PACKAGE.tgz TEST.mjs [ARGUMENT...]; files among the arguments become absolute.
set -euo pipefail

archive=$(realpath "$1")
test=$2
shift 2
arguments=()
for argument; do
  [[ -e $argument ]] && argument=$(realpath "$argument")
  arguments+=("$argument")
done
folder=${TEST_TMPDIR:-$(mktemp -d)}/package_test
mkdir -p "$folder/node_modules/@cotext"
tar -xzf "$archive" -C "$folder/node_modules/@cotext"
mv "$folder/node_modules/@cotext/package" "$folder/node_modules/@cotext/core"
cp "$(dirname "$test")"/*.mjs "$folder"
cd "$folder"
exec node "$(basename "$test")" "${arguments[@]}"
