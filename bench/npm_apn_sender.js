// npm's apn@1.7.8 in its fast mode as a load: the rival of row 8. By hand, against a floor_sink:
//   NODE_PATH=build/interop/node_modules node bench/npm_apn_sender.js --port P --cert C --key K [--count 100000]
// The notifications are floor_sender's in content: 64 device tokens and 211 bytes of JSON. CPU is that of the process,
// from the first notification until the last was given to the socket. Prints what binary_sender prints.
'use strict';
const apn = require('apn');

const options = { host: '127.0.0.1', count: '100000' };
for (let i = 2; i < process.argv.length; i += 2) {
  options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
}
const count = Number(options.count);

const kMostOpen = 1000; // given and not transmitted: a longer queue inside the library makes it slower
const kPayload = {
  aps: {
    alert: {
      title: 'Your order is on its way',
      body: 'The courier left the depot at 09:41 and will be with you in about ten minutes.',
    },
    badge: 3,
    sound: 'default',
    'thread-id': 'orders',
  },
  order: 'A-4815162',
};
const devices = Array.from({ length: 64 }, (_, i) => new apn.Device(Buffer.alloc(32, i + 1)));

const connection = new apn.Connection({
  address: options.host, port: Number(options.port), cert: options.cert, key: options.key,
  rejectUnauthorized: false, production: true, maxConnections: 1, fastMode: true,
});
for (const event of ['error', 'socketError', 'transmissionError']) {
  connection.on(event, (error) => {
    console.error(`npm_apn_sender: ${event}: ${error}`);
    process.exit(2);
  });
}

const cpuBefore = process.cpuUsage();
const wallBefore = process.hrtime.bigint();
let transmitted = 0;
connection.on('transmitted', () => {
  transmitted += 1;
  if (transmitted < count) return;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuUs = cpu.user + cpu.system;
  const wallUs = Number((process.hrtime.bigint() - wallBefore) / 1000n);
  console.log(JSON.stringify({
    frames: count, cpu_us: cpuUs, wall_us: wallUs, ns_per_frame: Math.round((cpuUs * 1000) / count),
  }));
  connection.shutdown();
});

let given = 0;
function give() {
  for (; given < count && given - transmitted < kMostOpen; given += 1) {
    const notification = new apn.Notification();
    notification.expiry = 0x7fffffff;
    notification.priority = 10;
    notification.payload = kPayload;
    connection.pushNotification(notification, devices[given % devices.length]);
  }
  if (given < count) setImmediate(give);
}
give();
