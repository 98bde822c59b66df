# For scripts to source: `apnslab serve` on free ports. $1 of the script: the program.
apnslab=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
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

# start OPTION...: a service, whose standard output is in $dir/serve.out; ca.pem is in $dir/state.
start() {
  rm -f "$dir/ready"
  "$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/ready" --json "$@" >"$dir/serve.out" 2>"$dir/serve.err" &
  serve=$!
  until [[ -s $dir/ready ]]; do
    kill -0 "$serve" 2>/dev/null || fail 'serve ended'
  done
  port=$(fact http2_port)
  [[ -n $port ]] || fail 'the ready file has no http2_port'
}

# fact KEY: what the ready file says.
fact() {
  sed -n 's/^ *"'"$1"'": "\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1/p' "$dir/ready"
}

# stop: the service ends, and with it the ledger is whole.
stop() {
  kill -TERM "$serve"
  wait "$serve" || fail "serve ended with $?"
  serve=
}

# expect_events COUNT KEY=VALUE...: so many events of the ledger have these values, texts or numbers; None: no such key.
expect_events() {
  local wanted=$1 found
  shift
  found=$(python3 - "$dir/serve.out" "$@" <<'PYTHON'
import json, sys
wanted = [pair.split("=", 1) for pair in sys.argv[2:]]
events = [json.loads(line) for line in open(sys.argv[1])]
print(sum(all(str(event.get(key)) == value for key, value in wanted) for event in events))
PYTHON
  )
  [[ $found == "$wanted" ]] || fail "the ledger has $found events with $*, $wanted expected"
}
