#!/bin/bash
# The README shows this program as it is here, and it prints what the README says.
# Usage: embedding_example_test.sh PROGRAM SOURCE README
set -euo pipefail
program=$1 source=$2 readme=$3
blocks=$(sed -n '/^```cpp$/,/^```$/p' "$readme" | sed '1d;$d')
diff <(printf '%s\n' "$blocks") "$source" || { echo "README.md shows another example"; exit 1; }
output=$("$program")
grep -qxF "$(tail -n 1 <<<"$output")" "$readme" || { echo "README.md does not say: $output"; exit 1; }
