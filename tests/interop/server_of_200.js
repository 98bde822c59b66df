// An HTTP/2 server that answers every request with 200. Arguments: port, key and certificate (PEM files).
'use strict';
const fs = require('fs');
const http2 = require('http2');

const [port, key, certificate] = process.argv.slice(2);
const server = http2.createSecureServer({key: fs.readFileSync(key), cert: fs.readFileSync(certificate)});
server.on('stream', (stream) => {
  stream.on('error', () => {});
  stream.resume();
  stream.on('end', () => stream.respond({':status': 200}, {endStream: true}));
});
server.listen(Number(port), '127.0.0.1');
