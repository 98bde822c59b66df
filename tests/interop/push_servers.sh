#!/usr/bin/env bash
# 100,000 notifications of `apnslab push` to an HTTP/2 server that others have written, which answers each with 200 and ends
# connections as it likes: each is sent, once, in time. $1: the program. $2: nghttpd, node or nginx.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
readonly server=$2 num_notifications=100000 num_tokens=64
need python3 curl

# Debian's nginx would start a service when it is installed; ./dev has its package unpacked instead.
nginx=$(command -v nginx || command -v "${APNSLAB_NGINX:-nginx}" || true)
if [[ $server == nginx && -z $nginx ]]; then
  echo 'skipped: nginx is not installed'
  exit 77
fi
[[ $server == nginx ]] || need "$server"

"$apnslab" certs --state "$dir/state" >/dev/null || fail 'apnslab certs'
python3 - "$dir" "$num_notifications" "$num_tokens" <<'PYTHON'
import json, os, sys
folder, count, num_tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tokens = [f"{number * 0x9E3779B97F4A7C15 % 2**256:064x}" for number in range(1, num_tokens + 1)]
os.makedirs(f"{folder}/htdocs/3/device")
for token in tokens:
    open(f"{folder}/htdocs/3/device/{token}", "w").close()
with open(f"{folder}/input", "w") as out:
    for n in range(count):
        out.write(json.dumps({"device_token": tokens[n % num_tokens], "topic": "com.example.app", "push_type": "alert",
                              "payload": {"aps": {"alert": f"number {n}" + "x" * (n % 100)}}}) + "\n")
PYTHON
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

case $server in
  nghttpd)
    nghttpd -a 127.0.0.1 -n1 -m100 -d "$dir/htdocs" "$port" "$dir/state/server.key" "$dir/state/server.pem" \
      >"$dir/server.out" 2>"$dir/server.err" &
    ;;
  node)
    node "$here/server_of_200.js" "$port" "$dir/state/server.key" "$dir/state/server.pem" >"$dir/server.out" 2>"$dir/server.err" &
    ;;
  nginx) # ends each connection after its 1,000 requests, as it comes
    cat >"$dir/nginx.conf" <<CONF
daemon off;
master_process off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/server.err;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  server {
    listen 127.0.0.1:$port ssl http2;
    ssl_certificate $dir/state/server.pem;
    ssl_certificate_key $dir/state/server.key;
    location /3/device/ { return 200; }
  }
}
CONF
    "$nginx" -e "$dir/server.err" -c "$dir/nginx.conf" >"$dir/server.out" 2>&1 &
    ;;
esac
serve=$! # ended by cleanup
until curl -sk --http2 -o "$dir/curl.out" "https://127.0.0.1:$port/"; do
  kill -0 "$serve" 2>/dev/null || fail "$server ended"
done

"$apnslab" push --to "127.0.0.1:$port" --ca "$dir/state/ca.pem" --cert "$dir/state/cert.pem" --key "$dir/state/key.pem" \
  --input "$dir/input" --json >"$dir/push.out" 2>"$dir/push.err" || fail "push ended with $? beside $server"
outcomes=$(python3 - "$dir/push.out" <<'PYTHON'
import collections, json, sys
outcomes, numbers = collections.Counter(), set()
for line in open(sys.argv[1]):
    result = json.loads(line)
    if "n" in result:
        outcomes[result["outcome"]] += 1
        numbers.add(result["n"])
print(dict(outcomes), len(numbers))
PYTHON
)
[[ $outcomes == "{'sent': $num_notifications} $num_notifications" ]] || fail "$server: $outcomes"
echo "$server: $num_notifications pushes, each sent once"
