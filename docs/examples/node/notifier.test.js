// apnslab exec -- node --test
'use strict';
const { test, before, beforeEach, after } = require('node:test');
const assert = require('node:assert');
const { once } = require('node:events');
const apnslab = require('./apnslab.js');
const { Notifier } = require('./notifier.js');

const { env } = process;
const phone = env.APNSLAB_DEVICE_TOKEN;
const limit = { timeout: 5000 };
let notifier;

before(() => {
  notifier = new Notifier({
    host: env.APNSLAB_HOST, port: Number(env.APNSLAB_HTTP2_PORT), ca: env.APNSLAB_CA_FILE,
    topic: env.APNSLAB_TOPIC, key: env.APNSLAB_P8_FILE, keyId: env.APNSLAB_KEY_ID,
    teamId: env.APNSLAB_TEAM_ID,
  });
});
beforeEach(() => apnslab.reset());
after(() => notifier.close());

test('the phone shows that the order is on its way', limit, async () => {
  assert.ok(await notifier.shipped(phone, 4711));
  await apnslab.expect({
    event: 'delivery', outcome: 'delivered', device: 'phone',
    shown: { place: 'lock-screen', body: 'Order 4711 is on its way', badge: 1 },
  });
});

test('a device token that is no good is reported', limit, async () => {
  await apnslab.arm({ when: { nth: 1 }, then: { reject: 'Unregistered' }, times: 1 });
  const gone = once(notifier, 'gone');
  assert.ok(!await notifier.shipped(phone, 4712));
  assert.deepStrictEqual(await gone, [phone]);
});

test('what the service could not take is sent again', limit, async () => {
  await apnslab.arm({ when: { nth: 1 }, then: { reject: 'ServiceUnavailable' }, times: 1 });
  assert.ok(await notifier.shipped(phone, 4713));
  const told = await apnslab.expect({ event: 'notification', payload: { order: 4713 } }, { count: 2 });
  assert.deepStrictEqual(told.map((event) => event.status), [503, 200]);
});

test('a phone that is offline gets the newest when it comes back', limit, async () => {
  await apnslab.phone('phone', { online: false });
  await notifier.shipped(phone, 1);
  await notifier.shipped(phone, 2);
  await apnslab.expect({ event: 'delivery', outcome: 'replaced' });
  await apnslab.phone('phone', { online: true });
  const [shown] = await apnslab.expect({ event: 'delivery', outcome: 'delivered' });
  assert.strictEqual(shown.shown.body, 'Order 2 is on its way');
});
