// The program that is tested: it tells customers what became of their orders, with the npm package
// apn. It knows nothing of apnslab: where the gateway is and whom to trust are its settings.
'use strict';
const { EventEmitter } = require('node:events');
const apn = require('apn');

const kInvalidToken = 8;

class Notifier extends EventEmitter {
  constructor({ host, port, ca, cert, key }) {
    super();
    this.connection = new apn.Connection({
      address: host, port, ca: [ca], cert, key, production: true, maxConnections: 1,
    });
    // A device token that is no good any more: whoever keeps them has to forget it.
    this.connection.on('transmissionError', (status, notification, device) => {
      if (status === kInvalidToken && device) this.emit('gone', device.token.toString('hex'));
    });
  }

  shipped(deviceToken, order) {
    const notification = new apn.Notification();
    notification.alert = `Order ${order} is on its way`;
    notification.badge = 1;
    notification.payload = { order };
    this.connection.pushNotification(notification, new apn.Device(deviceToken));
  }

  close() {
    this.connection.shutdown();
  }
}

module.exports = { Notifier };
