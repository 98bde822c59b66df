// Two tests on one open HTTP/2 connection, with a reset between them. Run by `apnslab exec -- node`.
//
// The first leaves a mess: the connection is wedged by ExpiredProviderToken, bound to its team, too many provider tokens
// were shown, and its limit of streams is 1. The second starts clean.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http2 = require('node:http2');

const env = process.env;
const kHour = 3600;

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function providerToken(age, teamId = env.APNSLAB_TEAM_ID) {
  const iat = Math.floor(Date.now() / 1000) - age;
  const signed = `${part({ alg: 'ES256', kid: env.APNSLAB_KEY_ID })}.${part({ iss: teamId, iat })}`;
  const key = { key: fs.readFileSync(env.APNSLAB_P8_FILE), dsaEncoding: 'ieee-p1363' };
  return `${signed}.${crypto.sign('sha256', signed, key).toString('base64url')}`;
}

function push(session, token) {
  return new Promise((resolve, reject) => {
    const request = session.request({
      ':method': 'POST', ':path': `/3/device/${env.APNSLAB_DEVICE_TOKEN}`,
      'apns-topic': env.APNSLAB_TOPIC, authorization: `bearer ${token}`,
    });
    let status;
    let body = '';
    request.on('response', (headers) => { status = headers[':status']; });
    request.on('data', (data) => { body += data; });
    request.on('error', reject);
    request.on('end', () => resolve(body === '' ? String(status) : JSON.parse(body).reason));
    request.end('{"aps":{"alert":"Hello"}}');
  });
}

async function control(method, path, body) {
  const answer = await fetch(env.APNSLAB_CONTROL_URL + path, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

async function main() {
  const session = http2.connect(env.APNSLAB_URL);
  session.on('error', (error) => { throw error; });
  const limits = [];
  session.on('remoteSettings', (settings) => limits.push(settings.maxConcurrentStreams));

  // What the service has said before is here, too.
  const settled = () => new Promise((resolve) => { session.settings({}, resolve); });

  const stale = providerToken(2 * kHour);
  const fresh = providerToken(10);
  assert.strictEqual(await push(session, stale), 'ExpiredProviderToken');
  assert.strictEqual(await push(session, fresh), 'ExpiredProviderToken', 'wedged');
  await control('POST', '/reset');
  assert.strictEqual(await push(session, fresh), '200', 'unwedged');

  for (let n = 0; n < 8; ++n) await push(session, providerToken(20 + n));
  assert.strictEqual(await push(session, providerToken(40)), 'TooManyProviderTokenUpdates');
  await control('POST', '/reset');
  const other = providerToken(50);
  assert.strictEqual(await push(session, other), '200', 'the updates are forgotten');

  await control('POST', '/reset');
  await settled();
  assert.strictEqual(limits.at(-1), 1, `limits of streams: ${limits}`);
  assert.strictEqual(await push(session, other), '200');
  await settled();
  assert.ok(limits.at(-1) > 1, `limits of streams: ${limits}`);

  const { items } = await control('GET', '/connections');
  assert.strictEqual(items.length, 1, 'still the first connection');
  assert.strictEqual(items[0].protocol, 'http2');
  assert.strictEqual(items[0].accepted, 1);
  session.close();
  console.log('one connection, four tests, each starts clean');
}

main().catch((error) => {
  console.error(`FAIL: ${error.stack}`);
  process.exit(1);
});
