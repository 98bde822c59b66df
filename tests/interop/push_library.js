// Judges a library that pushes over HTTP/2: what it reports and what the service's ledger says must be the same. The
// arguments: PROGRAM LIBRARY. push_library_run.js does the pushing, beside `apnslab exec`.
//
// A file in libraries/ exports
//   name                what it is called where it comes from
//   missing()           why it cannot be run here, or nothing
//   hostsAreFixed       if it knows Apple's hosts by heart
//   identities          of 'certificate', 'provider-token'
//   alpn                what it asks for by ALPN: 'h2', or undefined for nothing
//   tells               { sent: [...], rejected: [...], gone: [...] }: of 'status', 'timestamp', 'apnsId' what it lets its
//                       caller see of one that is accepted, one that is rejected, one whose app is gone (the status is 410)
//   open(service, identity) -> { push(deviceToken, alert) -> its report, see below, close() }
// where `service` is the endpoint of one environment, see push_library_run.js. A report is { outcome: 'sent' } or
// { outcome: 'rejected', reason } with what the library tells.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const kLimitMs = 40000;
const kAlert = 'Hello';
// What push_library_run.js does with each environment and identity, and what the ledger is to say.
const kPushes = [
  { which: 'sent', outcome: 'accepted', status: 200 },
  { which: 'rejected', outcome: 'rejected', status: 400, reason: 'BadDeviceToken' },
  { which: 'sentAsTheAppGoes', outcome: 'accepted', status: 200 },
  { which: 'gone', outcome: 'rejected', status: 410, reason: 'Unregistered' },
];

function compare(report, event, told, where) {
  assert.strictEqual(report.outcome, event.outcome === 'accepted' ? 'sent' : 'rejected', where);
  assert.strictEqual(report.reason, event.reason, where);
  const said = { status: event.status, timestamp: event.timestamp, apnsId: event.apns_id };
  for (const key of ['status', 'timestamp', 'apnsId']) {
    assert.strictEqual(report[key], told.includes(key) ? said[key] : undefined, `${where}: ${key}`);
  }
}

function judge(library, runs, events) {
  const pushes = events.filter((event) => event.event === 'notification');
  assert.strictEqual(pushes.length, kPushes.length * runs.length, 'the ledger has these pushes, and nothing more');
  assert.deepStrictEqual(events.filter((event) => event.event === 'violation'), []);
  assert.deepStrictEqual(runs.map((run) => run.identity), library.identities.flatMap((identity) => [identity, identity]));
  for (const { environment, identity, reports } of runs) {
    for (const expected of kPushes) {
      const where = `${environment}, ${identity}, ${expected.which}`;
      const event = pushes.shift();
      const { outcome, status, reason } = event;
      assert.deepStrictEqual({ outcome, status, reason },
        { outcome: expected.outcome, status: expected.status, reason: expected.reason }, where);
      assert.strictEqual(event.environment, environment, where);
      assert.strictEqual(event.topic, 'com.example.app', where);
      assert.strictEqual(event.payload.aps.alert.body ?? event.payload.aps.alert, kAlert, where);
      const connection = events.find((other) => other.outcome === 'opened' && other.connection === event.connection);
      assert.strictEqual(connection.auth, identity === 'certificate' ? 'com.example.app' : undefined, where);
      assert.strictEqual(connection.alpn, library.alpn, `${where}: ALPN`);
      compare(reports[expected.which], event, library.tells[expected.which] ?? library.tells.sent, where);
    }
  }
}

function main() {
  const [program, libraryName] = process.argv.slice(2);
  const library = require(`./libraries/${libraryName}.js`);
  const missing = library.missing();
  if (missing) {
    console.log(`skipped: ${missing}`);
    process.exit(77);
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'apnslab-interop-'));
  const ledger = path.join(dir, 'ledger');
  const run = spawnSync(program, ['exec', ...(library.hostsAreFixed ? ['--as-apple'] : []), '--ledger', ledger, '--',
    process.execPath, path.join(__dirname, 'push_library_run.js'), program, libraryName, kAlert],
  { encoding: 'utf8', timeout: kLimitMs });
  const lines = fs.existsSync(ledger) ? fs.readFileSync(ledger, 'utf8') : '';
  fs.rmSync(dir, { recursive: true });
  try {
    assert.strictEqual(run.status, 0, `exec ended with ${run.status ?? run.signal}`);
    judge(library, JSON.parse(run.stdout), lines.trim().split('\n').map((line) => JSON.parse(line)));
  } catch (error) {
    console.error(`FAIL: ${error.stack}\n${run.stdout}${run.stderr}${lines}`);
    process.exit(1);
  }
  console.log(`${library.name}: accepted, BadDeviceToken and Unregistered as in the ledger, in both environments, by ` +
    library.identities.join(' and by '));
}

main();
