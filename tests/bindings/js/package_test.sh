#!/bin/bash
# Runs a Node test in a folder in which packages are installed, with its own copy of the test.
# Usage: package_test.sh PACKAGE.tgz... TEST.mjs [ARGUMENT...]; files among the arguments become
# absolute.
set -euo pipefail

folder=${TEST_TMPDIR:-$(mktemp -d)}/package_test
scope=$folder/node_modules/@cotext
mkdir -p "$scope"
while [[ $1 == *.tgz ]]; do
  name=$(basename "$1" .tgz)
  mkdir "$scope/${name#cotext-}"
  tar -xzf "$1" -C "$scope/${name#cotext-}" --strip-components=1
  shift
done
test=$1
shift
modules=$PWD/../web_modules/node_modules
if [[ -d $modules ]]; then
  for module in "$modules"/*; do ln -s "$(realpath "$module")" "$folder/node_modules/"; done
fi
arguments=()
for argument; do
  [[ -e $argument ]] && argument=$(realpath "$argument")
  arguments+=("$argument")
done
cp "$(dirname "$test")"/*.mjs "$folder"
cd "$folder"
exec node "$(basename "$test")" "${arguments[@]}"
