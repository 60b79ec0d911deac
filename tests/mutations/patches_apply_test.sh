#!/usr/bin/env bash
# Every patch in the folder named applies to the sources as they are, says what it breaks, and how
# that is seen.
set -euo pipefail

patches=("$1"/*.patch)
((${#patches[@]} >= 12)) || {
  echo "there are only ${#patches[@]} patches"
  exit 1
}
tree=$(mktemp -d)
cp -rL crdt document ot storage sync "$tree"
status=0
for patch in "${patches[@]}"; do
  for field in What Simulate Breaks; do
    sed '/^--- /q' "$patch" | grep -qE "^$field: ?.+" || {
      echo "$patch does not say: $field"
      status=1
    }
  done
  (cd "$tree" && GIT_CEILING_DIRECTORIES=$(dirname "$tree") git apply --check "$OLDPWD/$patch") || {
    echo "$patch does not apply"
    status=1
  }
done
rm -rf "$tree"
exit "$status"
