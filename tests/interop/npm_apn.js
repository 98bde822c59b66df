// apn@1.7.8 pushes 100 notifications, of which the service refuses three device tokens (status 8). It must report those
// three, and resend what was pipelined behind each, so that the service accepts the other 97 exactly once.
'use strict';
const apn = require('apn');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

const kCount = 100;
const kRefused = [7, 8, 60]; // two in a row, and one far behind
const kLimitMs = 40000;

const token = (n) => 'c0'.repeat(28) + n.toString(16).padStart(8, '0');
const state = fs.mkdtempSync(path.join(os.tmpdir(), 'apnslab-interop-'));

const faults = kRefused.flatMap((n) => ['--fault', `device_token=${token(n)}: reject=8`]);
const readyFile = path.join(state, 'ready');
const serve = spawn(process.argv[2],
  ['serve', '--port', '0', '--state', path.join(state, 'state'), '--ready-file', readyFile, '--json', ...faults],
  { stdio: ['ignore', 'pipe', 'pipe'] });
let log = '';
serve.stderr.on('data', (data) => { log += data; });

const accepted = new Map(); // device token -> how often
const rejected = [];
const errors = []; // what the library reported
let connection;

function fail(why) {
  console.error(`FAIL: ${why}\naccepted ${accepted.size}, rejected ${rejected.length}, reported ${errors.length}\n${log}`);
  serve.kill('SIGKILL');
  process.exit(1);
}
const limit = setTimeout(() => fail(`not done within ${kLimitMs} ms`), kLimitMs);

readline.createInterface({ input: serve.stdout }).on('line', (line) => {
  const event = JSON.parse(line);
  if (event.event !== 'notification') return;
  if (event.outcome === 'accepted') accepted.set(event.device_token, (accepted.get(event.device_token) || 0) + 1);
  if (event.outcome === 'rejected') rejected.push(event.device_token);
  finishWhenDone();
});

let stopping = false;
function finishWhenDone() {
  if (stopping || accepted.size < kCount - kRefused.length || errors.length < kRefused.length) return;
  stopping = true;
  // The service says goodbye with status 10, which this library takes for an error of the last notification: not counted.
  serve.kill('SIGTERM');
}

serve.stderr.once('data', () => { // the banner: the ports are open
  const ready = JSON.parse(fs.readFileSync(readyFile, 'utf8'));
  connection = new apn.Connection({
    address: ready.host, port: ready.gateway_port, ca: [ready.ca_file], cert: ready.cert_file, key: ready.key_file,
    production: true, maxConnections: 1,
  });
  connection.on('transmissionError', (code, notification, device) => {
    if (stopping && code === 10) return;
    errors.push({ code, token: device.token.toString('hex') });
    finishWhenDone();
  });
  connection.on('error', (error) => fail(`library: ${error}`));
  for (let n = 1; n <= kCount; ++n) {
    const note = new apn.Notification();
    note.alert = `number ${n}`;
    connection.pushNotification(note, new apn.Device(token(n)));
  }
});

serve.on('exit', (code) => {
  clearTimeout(limit);
  if (!stopping) fail(`serve ended early with ${code}`);
  assert.strictEqual(code, 0, log);
  const expected = [];
  for (let n = 1; n <= kCount; ++n) if (!kRefused.includes(n)) expected.push(token(n));
  assert.deepStrictEqual([...accepted.keys()].sort(), expected.sort());
  for (const [device, times] of accepted) assert.strictEqual(times, 1, `${device} was accepted ${times} times`);
  assert.deepStrictEqual(errors.map((e) => e.token).sort(), kRefused.map(token).sort());
  for (const error of errors) assert.strictEqual(error.code, 8);
  fs.rmSync(state, { recursive: true });
  console.log(`${accepted.size} accepted once each, ${errors.length} reported with code 8`);
  process.exit(0);
});
