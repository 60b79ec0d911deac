#!/bin/bash
# The budget program judges counts by a file, updates it, and says how it went by its exit code.
# Usage: budget_command_test.sh PROGRAM
set -uo pipefail
program=$1
file=$TEST_TMPDIR/budgets.txt
status=0

# Expects an exit code of the program with the arguments, given counts on standard input.
expect() {
  local wanted=$1 counts=$2
  shift 2
  printf "$counts" | "$program" "$@" >"$TEST_TMPDIR/output" 2>&1
  local got=$?
  ((got == wanted)) && return
  echo "FAILED: budget $* after '$counts': exit code $got, not $wanted"
  cat "$TEST_TMPDIR/output"
  status=1
}

budgets() { grep -v '^#' "$file" | tr -s ' ' | tr '\n' ';'; }

expect_budgets() {
  [[ $(budgets) == "$1" ]] && return
  echo "FAILED: the budgets are $(budgets), not $1"
  status=1
}

expect 1 'typing 100\n' check "$file"  # No file, no budgets.
expect 0 'typing 100\nmerge 200\n' update "$file"
expect_budgets 'merge 200;typing 100;'
expect 0 'typing 105\nmerge 200\n' check "$file"
expect 1 'typing 106\nmerge 200\n' check "$file"
expect 1 'typing 100\n' check "$file"
expect 1 'typing 100\nmerge 200\nundo 1\n' check "$file"
expect 0 'typing 100\n' check "$file" typing
expect 1 'merge 200\n' check "$file" typing
expect 1 '' check "$file"
expect 1 '' check "$file" unknown
expect 2 'typing\n' check "$file"

expect 0 'typing 90\n' update "$file" typing
expect_budgets 'merge 200;typing 90;'
expect 2 '' update "$file"
expect 2 'typing 0\n' update "$file"
expect_budgets 'merge 200;typing 90;'
expect 0 'undo 5\n' update "$file"
expect_budgets 'undo 5;'
expect 2 'undo 5\n' update /nonexistent/budgets.txt

echo 'typing many' >"$file"
expect 2 'typing 100\n' check "$file"
expect 2 'typing 100\n' update "$file"

expect 2 '' run unknown
expect 2 '' guess
expect 2 ''
expect 2 '' list rga_typing unknown
expect 0 '' list rga_typing rga_undo
[[ $(tr '\n' ';' <"$TEST_TMPDIR/output") == 'rga_typing;rga_undo;' ]] ||
  { echo "FAILED: list rga_typing rga_undo printed $(cat "$TEST_TMPDIR/output")"; status=1; }
exit "$status"
