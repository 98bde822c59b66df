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
    host: env.APNSLAB_HOST, port: Number(env.APNSLAB_GATEWAY_PORT),
    ca: env.APNSLAB_CA_FILE, cert: env.APNSLAB_CERT_FILE, key: env.APNSLAB_KEY_FILE,
  });
});
beforeEach(() => apnslab.reset());
after(async () => {
  notifier.close();
  // apn would hold its connection for another 2.5 s.
  await apnslab.reset('close');
});

test('the phone shows that the order is on its way', limit, async () => {
  notifier.shipped(phone, 4711);
  await apnslab.expect({ event: 'notification', outcome: 'accepted', payload: { order: 4711 } });
  await apnslab.expect({
    event: 'delivery', outcome: 'delivered', device: 'phone',
    shown: { place: 'lock-screen', body: 'Order 4711 is on its way', badge: 1 },
  });
});

test('a device token that is no good is reported', limit, async () => {
  await apnslab.arm({ when: { nth: 1 }, then: { reject: 8 }, times: 1 });
  const gone = once(notifier, 'gone');
  notifier.shipped(phone, 4712);
  assert.deepStrictEqual(await gone, [phone]);
});

test('what was sent behind a bad one is sent again', limit, async () => {
  await apnslab.arm({ when: { nth: 2 }, then: { reject: 8 }, times: 1 });
  const gone = once(notifier, 'gone');
  for (const order of [1, 2, 3, 4]) notifier.shipped(phone, order);
  await gone;
  const accepted = await apnslab.expect({ event: 'notification', outcome: 'accepted' }, { count: 3 });
  assert.deepStrictEqual(accepted.map((event) => event.payload.order), [1, 3, 4]);
});

test('a phone that is offline gets the newest when it comes back', limit, async () => {
  await apnslab.phone('phone', { online: false });
  notifier.shipped(phone, 1);
  notifier.shipped(phone, 2);
  await apnslab.expect({ event: 'delivery', outcome: 'replaced' });
  await apnslab.phone('phone', { online: true });
  const [shown] = await apnslab.expect({ event: 'delivery', outcome: 'delivered' });
  assert.strictEqual(shown.shown.body, 'Order 2 is on its way');
});
