// Run by `apnslab exec -- node`: what a fork of node-apn sends again, after which answer and how often, by its own report and
// by the ledger. Magic device tokens draw the answers; an hour that passes makes the provider token too old. The argument:
// LIBRARY.
'use strict';
const assert = require('node:assert');

const env = process.env;
const libraryName = process.argv[2];
const library = require(`./libraries/${libraryName}.js`);

// How often each sends again: by its documentation and code (@parse/node-apn lib/client.js, @hyperlink/node-apn the same).
const { busy: kBusy, expired: kExpired } = {
  parse_node_apn: { busy: 3, expired: 3 },
  hyperlink_node_apn: { busy: 0, expired: 2 },
}[libraryName];

// [what of a magic device token, its argument but for how often, the reason that it draws, is it sent again]
const kReasons = [
  ['0429', '00', 'TooManyRequests', true],
  ['0500', '00', 'InternalServerError', true],
  ['0503', '00', 'ServiceUnavailable', true],
  ['0503', '02', 'Shutdown', true],
  ['0400', '00', 'BadDeviceToken', false],
  ['0410', '00', 'Unregistered', false],
  ['0413', '00', 'PayloadTooLarge', false],
];
const kStatus = {
  BadDeviceToken: 400, Unregistered: 410, PayloadTooLarge: 413, TooManyRequests: 429, InternalServerError: 500,
  ServiceUnavailable: 503, Shutdown: 503,
};

// `times` of 0: always.
const magic = (what, row, times, n) =>
  `fa11${what}${row}${String(times).padStart(2, '0')}${n.toString(16).padStart(52, '0')}`;

async function control(method, path, body) {
  const answer = await fetch(env.APNSLAB_CONTROL_URL + path, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const notifications = async () => (await control('GET', '/notifications')).items;

// Pushes and compares; returns the connections that it went by.
async function expectAttempts(provider, deviceToken, reasons) {
  const before = (await notifications()).length;
  const report = await provider.push(deviceToken, 'Hello');
  const events = (await notifications()).slice(before);
  const where = `${deviceToken}: ${JSON.stringify(report)}`;
  assert.deepStrictEqual(events.map((event) => event.reason ?? event.outcome), reasons, where);
  assert.ok(events.every((event) => event.device_token === deviceToken), where);
  const last = events.at(-1);
  assert.strictEqual(report.outcome, last.outcome === 'accepted' ? 'sent' : 'rejected', where);
  if (last.outcome === 'rejected') assert.strictEqual(report.status, kStatus[last.reason] ?? 403, where);
  return events.map((event) => event.connection);
}

async function judgeAnswers(provider) {
  let n = 0;
  for (const [what, row, reason, isRetried] of kReasons) {
    const retries = isRetried ? kBusy : 0;
    // As often as it is sent again: the last attempt is accepted. For ever: it gives up.
    if (retries > 0) {
      await expectAttempts(provider, magic(what, row, retries, ++n), [...Array(retries).fill(reason), 'accepted']);
    }
    await expectAttempts(provider, magic(what, row, 0, ++n), Array(retries + 1).fill(reason));
  }
}

async function judgeExpiry(open) {
  const provider = await open();
  const [connection] = await expectAttempts(provider, env.APNSLAB_DEVICE_TOKEN, ['accepted']);
  await control('POST', '/clock/advance', { by: '61m' });
  // It makes another token at once. But the connection is of no use any more.
  const tried = await expectAttempts(provider, env.APNSLAB_DEVICE_TOKEN, Array(kExpired + 1).fill('ExpiredProviderToken'));
  assert.deepStrictEqual(new Set(tried), new Set([connection]));
  await provider.close();
  const another = await open();
  await expectAttempts(another, env.APNSLAB_DEVICE_TOKEN, ['accepted']);
  await another.close();
}

async function main() {
  const service = {
    environment: 'production', host: env.APNSLAB_HOST, port: Number(env.APNSLAB_HTTP2_PORT), ca_file: env.APNSLAB_CA_FILE,
    p8_file: env.APNSLAB_P8_FILE, key_id: env.APNSLAB_KEY_ID, team_id: env.APNSLAB_TEAM_ID, topic: env.APNSLAB_TOPIC,
  };
  const open = () => library.open(service, 'provider-token');
  const provider = await open();
  await judgeAnswers(provider);
  await provider.close();
  await judgeExpiry(open);
  console.log(`${library.name}: ${kBusy} more attempts after 429, 500 and 503, ${kExpired} after ExpiredProviderToken, none otherwise`);
  process.exit(0);
}

main().catch((error) => {
  console.error(`FAIL: ${error.stack}`);
  process.exit(1);
});
