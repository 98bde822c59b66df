// Node's http2 client and `apnslab serve --null`. usage: node http2_node.js URL CA_FILE ALPN
'use strict';
const assert = require('assert');
const fs = require('fs');
const http2 = require('http2');

const [url, caFile, alpn] = process.argv.slice(2);
const numPushes = 500;
const body = JSON.stringify({ aps: { alert: 'x'.repeat(130) } });
const seen = new Set();

const session = http2.connect(url, caFile ? { ca: fs.readFileSync(caFile) } : {});
session.setTimeout(20000, () => {
  console.error('FAIL: nothing moves any more');
  process.exit(1);
});
session.on('error', (error) => {
  throw error;
});
session.on('goaway', (code) => assert.fail(`GOAWAY ${code}`));
session.on('connect', () => assert.strictEqual(session.alpnProtocol, alpn));

function push(i) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/3/device/${String(i % 64).padStart(64, '0')}`,
      'apns-topic': 'com.example.app',
      'apns-push-type': 'alert',
    });
    let length = 0;
    stream.on('response', (headers) => {
      assert.strictEqual(headers[':status'], 200);
      assert.match(headers['apns-id'], /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
      seen.add(headers['apns-id']);
    });
    stream.on('data', (chunk) => {
      length += chunk.length;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      assert.strictEqual(stream.rstCode, 0);
      assert.strictEqual(length, 0);
      resolve();
    });
    stream.end(body);
  });
}

async function main() {
  await push(0);
  await Promise.all(Array.from({ length: numPushes - 1 }, (_, i) => push(i + 1)));
  assert.strictEqual(seen.size, numPushes, 'each has an apns-id of its own');
  await new Promise((resolve, reject) => {
    session.ping(Buffer.from('8 bytes!'), (error, _, payload) => {
      assert.strictEqual(payload.toString(), '8 bytes!');
      error ? reject(error) : resolve();
    });
  });
  session.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
