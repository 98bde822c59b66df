#!/usr/bin/env bash
# curl and `apnslab serve --null`: HTTP/2 by ALPN, over TLS without ALPN, and without TLS; HTTP/1.1 is told what is wrong.
# $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/null_service.sh"
need curl

token=$(printf 'a1%.0s' {1..32})
uuid='[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}'

# post SCHEME OPTION...: one push; the answer, head and all, in answer, what curl saw of the connection in seen.
post() {
  local scheme=$1
  shift
  answer=$(curl -sS -i -v --max-time 20 --cacert "$dir/state/ca.pem" -H 'apns-topic: com.example.app' \
    -d '{"aps":{"alert":"Hello"}}' "$@" "$scheme://localhost:$port/3/device/$token" 2>"$dir/curl.err") ||
    fail "curl $* ended with $?"
  seen=$(<"$dir/curl.err")
}

expect_200() {
  [[ $(tr -d '\r' <<<"$answer") =~ ^"HTTP/2 200 "$'\n'"apns-id: "$uuid$ ]] || fail "$1: the answer is $answer"
}

start_null
post https --http2
expect_200 'curl --http2'
grep -q 'ALPN: server accepted h2' <<<"$seen" || fail "ALPN: $seen"
post https --http2 --tls-max 1.2
expect_200 'curl --http2 over TLS 1.2'
grep -q 'SSL connection using TLSv1.2' <<<"$seen" || fail "not TLS 1.2: $seen"
post https --http2 --cert "$dir/state/cert.pem" --key "$dir/state/key.pem"
expect_200 'curl with a client certificate'
post https --http2-prior-knowledge --no-alpn
expect_200 'curl --http2-prior-knowledge --no-alpn'
grep -q 'ALPN: server accepted' <<<"$seen" && fail "ALPN was agreed on: $seen"
# A client that offers HTTP/1.1 alone is refused by TLS (RFC 7301 section 3.2), one that offers nothing by HTTP/2.
(post https --http1.1) 2>/dev/null && fail 'HTTP/1.1 by ALPN is served'
grep -q 'no application protocol' "$dir/curl.err" || fail "no alert 120: $(<"$dir/curl.err")"
grep -q 'tls connection=5 .*no_application_protocol.*Offer h2' "$dir/serve.err" || fail 'the log does not say what to offer'
(post https --http1.1 --no-alpn) 2>/dev/null && fail 'HTTP/1.1 without ALPN is served'
(post http --http1.1) 2>/dev/null && fail 'HTTP/1.1 without TLS is served'
# Head and body of 100 pushes over one connection.
answers=$(curl -sS --http2 --cacert "$dir/state/ca.pem" -d '{}' -w '%{http_code} %{num_connects}\n' \
  "https://localhost:$port/3/device/[1-100]")
[[ $(sort <<<"$answers" | uniq -c | tr -s ' \n' ' ') == ' 99 200 0 1 200 1 ' ]] || fail "100 pushes: $answers"
kill -TERM "$serve"
wait "$serve" || fail "serve --null ended with $?"
serve=
[[ $(tail -n 1 "$dir/serve.out") == *'"requests":104,"resets":0,"violations":{"http2/preface":1},"bounds":{}}' ]] ||
  fail "the summary is $(tail -n 1 "$dir/serve.out")"
grep -q 'http2 connection=6 these are HTTP/1 bytes.*"POST /3/device/' "$dir/serve.err" || fail 'HTTP/1 is not told'
grep -q 'tls connection=7 plain HTTP on the TLS port. Use an https URL' "$dir/serve.err" || fail 'plain HTTP is not told'

start_null --cleartext
post http --http2-prior-knowledge
expect_200 'curl --http2-prior-knowledge without TLS'
(post https --http2) 2>/dev/null && fail 'TLS is served with --cleartext'
(post http --http1.1 --max-time 5) 2>/dev/null && fail 'HTTP/1.1 is served with --cleartext'
kill -TERM "$serve"
wait "$serve" || fail "serve --null --cleartext ended with $?"
serve=
grep -q 'these are TLS bytes' "$dir/serve.err" || fail 'TLS bytes are not told'
grep -q 'these are HTTP/1 bytes' "$dir/serve.err" || fail 'HTTP/1 bytes are not told'
echo 'curl: by ALPN, without, and without TLS; TLS 1.2 and 1.3; 104 pushes answered with 200; HTTP/1.1 is refused'
