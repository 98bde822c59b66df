# For scripts to source: `apnslab serve --null` on a free port. $1 of the script: the program.
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"

# start_null OPTION...: sets port; ca.pem is in $dir/state.
start_null() {
  start --null "$@"
}

# stop_null REQUESTS: so many it has answered, and nobody broke a rule.
stop_null() {
  stop
  local summary
  summary=$(tail -n 1 "$dir/serve.out")
  [[ $summary == *"\"requests\":$1,\"resets\":0,\"violations\":{},\"bounds\":{}}" ]] ||
    fail "the summary is $summary, $1 requests expected"
}
