// A program of 2013, as its users wrote them: apnagent@1.1.3 knows Apple's hosts and ports by heart, and nothing here says
// that they are not Apple's. It pushes to both environments, is told of a device token that is no good, and polls both
// feedback services until each has said what it has to say.
'use strict';
const apnagent = require('apnagent');

const kCount = 10;
const kBad = 4; // of the production messages
const env = process.env;

function configured(service, sandbox) {
  service.set('cert file', env.APNSLAB_CERT_FILE).set('key file', env.APNSLAB_KEY_FILE);
  service[sandbox ? 'enable' : 'disable']('sandbox');
  for (const event of ['gateway:error', 'feedback:error', 'queue:error']) {
    service.on(event, (error) => { console.error(event, error); process.exit(1); });
  }
  return service;
}

const token = (n) => 'c0'.repeat(28) + n.toString(16).padStart(8, '0');
const bad = `fa11b008${'0'.repeat(56)}`;
const gone = `fa11feed${'0'.repeat(56)}`;

const production = configured(new apnagent.Agent(), false).set('reconnect delay', '50ms');
const development = configured(new apnagent.Agent(), true);

production.on('message:error', (error, message) => {
  if (error.code !== 10) console.log('bad', error.code, message.device().toString()); // 10: the service stops
});
production.connect(() => {
  for (let n = 1; n <= kCount; ++n) {
    production.createMessage().device(n === kBad ? bad : token(n)).alert(`number ${n}`).send();
  }
  production.createMessage().device(gone).alert('anybody there?').send();
});
development.connect(() => development.createMessage().device(env.APNSLAB_DEVICE_TOKEN_DEVELOPMENT).alert('try').send());

const lists = { production: configured(new apnagent.Feedback(), false), sandbox: configured(new apnagent.Feedback(), true) };
let pollsOfSandbox = 0;
for (const [name, list] of Object.entries(lists)) {
  list.set('interval', '50ms');
  list.use((device, timestamp, done) => { console.log('gone', name, device.toString()); done(); });
  list.connect();
}
lists.sandbox.on('feedback:connect', () => { ++pollsOfSandbox; });
lists.production.use(function end(device, timestamp, done) {
  done();
  if (pollsOfSandbox > 0) process.exit(0);
  lists.sandbox.on('feedback:connect', () => process.exit(0));
});
