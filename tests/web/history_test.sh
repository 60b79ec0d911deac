#!/bin/bash
# Compiles what is tested, and runs the test where @cotext/core is installed.
# Usage: history_test.sh TEST.mjs history.ts PACKAGE.tgz TYPESCRIPT/package.json
set -euo pipefail
folder=${TEST_TMPDIR:-$(mktemp -d)}/history_test
mkdir -p "$folder/node_modules/@cotext/core"
tar -xzf "$3" -C "$folder/node_modules/@cotext/core" --strip-components=1
cp "$1" "$2" "$folder"
typescript=$(dirname "$(realpath "$4")")
echo '{"type":"module"}' >"$folder/package.json"
node "$typescript/lib/tsc.js" --target es2022 --module esnext --outDir "$folder" "$folder/history.ts"
cd "$folder"
exec node "$(basename "$1")"
