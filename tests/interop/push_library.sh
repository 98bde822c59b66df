#!/usr/bin/env bash
# A library of npm pushes over HTTP/2. $1: the program; $2: the library, a file in libraries/ without its .js.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
package=$(sed -n "s/^exports\.package = '\(.*\)';$/\1/p" "$here/libraries/$2.js")
if [[ ! -d ${NODE_PATH:-}/$package ]]; then
  echo "skipped: the npm package $package is not installed (./dev test installs it when the registry can be reached)"
  exit 77
fi
exec node "$here/push_library.js" "$1" "$2"
