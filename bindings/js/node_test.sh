#!/bin/bash
# Runs a Node script as a Bazel test.
exec node "$@"
