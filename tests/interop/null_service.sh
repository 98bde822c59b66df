# For scripts to source: `apnslab serve --null` on a free port. $1 of the script: the program.
apnslab=$1
dir=$(mktemp -d)
serve=
cleanup() {
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 "$dir"/*.out "$dir"/*.err >&2 || true
  exit 1
}

# need PROGRAM...: skips the test where one is not installed.
need() {
  local program
  for program in "$@"; do
    if ! command -v "$program" >/dev/null; then
      echo "skipped: $program is not installed"
      exit 77
    fi
  done
}

# start_null OPTION...: sets port; ca.pem is in $dir/state.
start_null() {
  rm -f "$dir/ready"
  "$apnslab" serve --null --port 0 --state "$dir/state" --ready-file "$dir/ready" --json "$@" >"$dir/serve.out" 2>"$dir/serve.err" &
  serve=$!
  until [[ -s $dir/ready ]]; do
    kill -0 "$serve" 2>/dev/null || fail 'serve --null ended'
  done
  port=$(sed -n 's/.*"http2_port": \([0-9]*\).*/\1/p' "$dir/ready")
  [[ -n $port ]] || fail 'the ready file has no http2_port'
}

# stop_null REQUESTS: so many it has answered, and nobody broke a rule.
stop_null() {
  kill -TERM "$serve"
  wait "$serve" || fail "serve --null ended with $?"
  serve=
  local summary
  summary=$(tail -n 1 "$dir/serve.out")
  [[ $summary == *"\"requests\":$1,\"resets\":0,\"violations\":{},\"bounds\":{}}" ]] ||
    fail "the summary is $summary, $1 requests expected"
}
