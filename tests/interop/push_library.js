// A library of npm pushes over HTTP/2 to `apnslab serve`, once for each way in which it can show who it is. One
// notification is accepted, one has a device token that is none, and one is for an app that has gone: the library's own
// report and the service's ledger must say the same. The arguments: PROGRAM LIBRARY.
//
// A file in libraries/ exports
//   package             its name at npm
//   identities          of 'certificate', 'provider-token'
//   open(ready, identity) -> { push(deviceToken, alert) -> what the library reported, see below, close() }
// where `ready` is the service's ready file. A push reports { outcome: 'sent' } or { outcome: 'rejected', reason } with
// status, timestamp and apnsId as far as the library tells them.
'use strict';
const assert = require('node:assert');
const { Service } = require('./service.js');

const kLimitMs = 40000;
const kAlert = 'Hello';

async function judge(service, library, identity) {
  const name = `${identity}-phone`;
  await service.device('add', name, '--app', 'com.example.app', '--app', 'com.example.other');
  const gone = (await service.device('register', name, 'com.example.app')).trim();
  const provider = await library.open(service.ready, identity);

  const sent = await provider.push(service.ready.device_token, kAlert);
  assert.strictEqual(sent.outcome, 'sent', JSON.stringify(sent));
  const bad = await provider.push(service.ready.device_token_development, kAlert);
  assert.strictEqual(bad.outcome, 'rejected');
  assert.strictEqual(bad.reason, 'BadDeviceToken');
  await service.device('uninstall', name, 'com.example.app');
  // The phone says so to the first one that comes.
  assert.strictEqual((await provider.push(gone, kAlert)).outcome, 'sent');
  const unregistered = await provider.push(gone, kAlert);
  assert.strictEqual(unregistered.outcome, 'rejected');
  assert.strictEqual(unregistered.reason, 'Unregistered');
  await provider.close();
  return { sent, bad, unregistered };
}

function compare(events, seen) {
  const told = events.filter((event) => event.event === 'notification');
  assert.deepStrictEqual(told.map((event) => event.reason ?? event.outcome),
    ['accepted', 'BadDeviceToken', 'accepted', 'Unregistered'], 'the ledger, and nothing more');
  for (const event of told) assert.deepStrictEqual(event.payload.aps.alert, kAlert);
  const of = { sent: told[0], bad: told[1], unregistered: told[3] };
  for (const [which, report] of Object.entries(seen)) {
    const event = of[which];
    if (report.status !== undefined) assert.strictEqual(Number(report.status), event.status, which);
    if (report.timestamp !== undefined) assert.strictEqual(Number(report.timestamp), event.timestamp, which);
    if (report.apnsId !== undefined) assert.strictEqual(report.apnsId, event.apns_id, which);
  }
}

async function main() {
  const [program, libraryName] = process.argv.slice(2);
  const library = require(`./libraries/${libraryName}.js`);
  const limit = setTimeout(() => {
    console.error(`FAIL: not done within ${kLimitMs} ms`);
    process.exit(1);
  }, kLimitMs);
  for (const identity of library.identities) {
    const service = await Service.start(program);
    let seen;
    try {
      seen = await judge(service, library, identity);
    } catch (error) {
      service.kill();
      throw error;
    }
    compare(await service.stop(), seen);
  }
  clearTimeout(limit);
  console.log(`${library.package}: accepted, BadDeviceToken and Unregistered as in the ledger, by ` +
    library.identities.join(' and by '));
  process.exit(0);
}

main().catch((error) => {
  console.error(`FAIL: ${error.stack}`);
  process.exit(1);
});
