#!/usr/bin/env bash
# What docs/testing.md has people type puts the program and its completions where they are looked for, and it runs from
# there. $1: the build folder; $2: the version.
set -euo pipefail
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

fail() {
  echo "FAIL: $1" >&2
  find "$prefix" -type f >&2
  exit 1
}

cmake --install "$1" --component apnslab --prefix "$prefix" >/dev/null
for file in bin/apnslab share/bash-completion/completions/apnslab share/zsh/site-functions/_apnslab \
  share/fish/vendor_completions.d/apnslab.fish; do
  [[ -s $prefix/$file ]] || fail "$file is not there, or is empty"
done
grep -q "$2" <<<"$("$prefix/bin/apnslab" exec -- "$prefix/bin/apnslab" --version)" ||
  fail "the installed program does not run itself beside a service"
