// apn@1.7.8 pushes to three apps that are gone (magic device tokens), and polls the feedback services of `apnslab serve`:
// each must end the connection by itself, and the library must report the list as it is, once.
'use strict';
const apn = require('apn');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

const kLimitMs = 40000;

/// One poll to its end: [{ token, time }, ...] in the order of the list, hex and UNIX seconds. `port`: which service.
function poll(ready, port) {
  return new Promise((resolve, reject) => {
    const feedback = new apn.Feedback({
      address: ready.host, port, ca: [ready.ca_file], cert: ready.cert_file, key: ready.key_file,
      interval: 0, batchFeedback: true, // once, and reported when the connection is closed
    });
    feedback.on('feedback', (tuples) => resolve(
      tuples.map(({ time, device }) => ({ token: device.token.toString('hex'), time }))));
    feedback.on('feedbackError', reject);
    feedback.on('error', reject);
  });
}

/// The list of `port` is `expected`, and empty when it has been read.
async function expectList(ready, port, expected) {
  assert.deepStrictEqual(await poll(ready, port), expected);
  assert.deepStrictEqual(await poll(ready, port), []);
}

const gone = [1, 2, 3].map((n) => `fa11feed${String(n).padStart(56, '0')}`);

/// Pushes to the tokens of `gone`.
function push(ready) {
  const connection = new apn.Connection({
    address: ready.host, port: ready.gateway_port, ca: [ready.ca_file], cert: ready.cert_file, key: ready.key_file,
    production: true, maxConnections: 1,
  });
  for (const token of gone) {
    const note = new apn.Notification();
    note.alert = 'anybody there?';
    connection.pushNotification(note, new apn.Device(token));
  }
  return connection;
}

async function main(apnslab) {
  const state = fs.mkdtempSync(path.join(os.tmpdir(), 'apnslab-interop-'));
  const readyFile = path.join(state, 'ready');
  const serve = spawn(apnslab,
    ['serve', '--port', '0', '--state', path.join(state, 'state'), '--ready-file', readyFile, '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  serve.stderr.on('data', (data) => { log += data; });
  const limit = setTimeout(() => { console.error(`FAIL: not done within ${kLimitMs} ms\n${log}`); process.exit(1); }, kLimitMs);
  process.on('exit', () => serve.kill('SIGKILL'));
  const reads = [];
  const added = []; // what the service put on its lists
  let tellAdded;
  const allAdded = new Promise((resolve) => { tellAdded = resolve; });
  readline.createInterface({ input: serve.stdout }).on('line', (line) => {
    if (!line.startsWith('{"seq"')) return; // the summary
    const event = JSON.parse(line);
    if (event.event !== 'feedback') return;
    if (event.outcome === 'added') {
      added.push({ token: event.device_token, time: Math.floor(Date.parse(event.at) / 1000) });
      if (added.length === gone.length) tellAdded();
    } else {
      reads.push(`${event.outcome} ${event.environment} ${event.topic} ${event.tuples}`);
    }
  });
  await new Promise((resolve) => serve.stderr.once('data', resolve)); // the banner: the ports are open
  const ready = JSON.parse(fs.readFileSync(readyFile, 'utf8'));

  await expectList(ready, ready.feedback_port, []);
  const connection = push(ready);
  await allAdded;
  assert.deepStrictEqual(added.map(({ token }) => token), gone);
  await expectList(ready, ready.feedback_port, added);
  await expectList(ready, ready.feedback_port_development, []);
  connection.shutdown();

  serve.kill('SIGTERM');
  const code = await new Promise((resolve) => serve.on('close', resolve)); // its output is read to the end
  assert.strictEqual(code, 0, log);
  assert.deepStrictEqual(reads, [
    ...Array(2).fill(`read production ${ready.topic} 0`), `read production ${ready.topic} ${gone.length}`,
    `read production ${ready.topic} 0`, ...Array(2).fill(`read development ${ready.topic} 0`)]);
  clearTimeout(limit);
  fs.rmSync(state, { recursive: true });
  console.log(`${gone.length} tuples read once, ${reads.length} polls, each ended by the service`);
}

main(process.argv[2]).then(() => process.exit(0), (error) => {
  console.error(`FAIL: ${error.stack}`);
  process.exit(1);
});
