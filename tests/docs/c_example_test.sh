#!/bin/bash
# EMBEDDING.md shows this program as it is here, and it prints what the page says.
# Usage: c_example_test.sh PROGRAM SOURCE PAGE
set -euo pipefail
program=$1 source=$2 page=$3
blocks=$(sed -n '/^```c$/,/^```$/p' "$page" | sed '1d;$d')
diff <(printf '%s\n' "$blocks") "$source" || { echo "EMBEDDING.md shows another example"; exit 1; }
output=$("$program")
grep -qxF "$output" "$page" || { echo "EMBEDDING.md does not say: $output"; exit 1; }
