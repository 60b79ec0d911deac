#!/bin/bash
# Unpacks the package, and runs a test of browsers on it.
# Usage: offline_test.sh TEST.mjs PROGRAM PLAYWRIGHT/package.json PACKAGE.tgz
set -euo pipefail
export HOME=${TEST_TMPDIR:-$(mktemp -d)}
mkdir -p "$HOME/core"
tar -xzf "$4" -C "$HOME/core" --strip-components=1
exec node "$1" "$(realpath "$2")" "$(dirname "$(realpath "$3")")" "$HOME/core"
