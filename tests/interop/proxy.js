// An HTTP proxy that others' code runs: Node's server, which gives CONNECT to a listener. Arguments: user:password that must
// be shown, port that every tunnel leads to. Prints its own port, then what each tunnel was asked for.
'use strict';
const http = require('http');
const net = require('net');

const [credentials, port] = process.argv.slice(2);
const wanted = `Basic ${Buffer.from(credentials).toString('base64')}`;
const server = http.createServer((request, response) => response.writeHead(405).end());
server.on('connect', (request, client, head) => {
  client.on('error', () => {});
  if (request.headers['proxy-authorization'] !== wanted) {
    console.log(`${request.url} refused`);
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n');
    return;
  }
  console.log(`${request.url} ${request.headers.host}`);
  const upstream = net.connect(Number(port), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\nX-Proxy: test\r\n\r\n');
    upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
