// The program that is tested: it tells customers what became of their orders, with the npm package
// @parse/node-apn. It knows nothing of apnslab: where the service is and whom to trust are its
// settings.
'use strict';
const { EventEmitter } = require('node:events');
const apn = require('@parse/node-apn');

// Reasons that say: this device token is no good any more.
const kGone = ['BadDeviceToken', 'DeviceTokenNotForTopic', 'Unregistered', 'ExpiredToken'];

class Notifier extends EventEmitter {
  constructor({ host, port, ca, topic, key, keyId, teamId }) {
    super();
    this.topic = topic;
    this.provider = new apn.Provider({
      address: host, port, ca: [ca], token: { key, keyId, teamId }, production: true,
    });
  }

  /** Resolves to whether it was accepted. */
  async shipped(deviceToken, order) {
    const notification = new apn.Notification();
    notification.topic = this.topic;
    notification.pushType = 'alert';
    notification.alert = `Order ${order} is on its way`;
    notification.badge = 1;
    notification.payload = { order };
    const { sent, failed } = await this.provider.send(notification, deviceToken);
    for (const { device, response } of failed) {
      // Whoever keeps device tokens has to forget it.
      if (response && kGone.includes(response.reason)) this.emit('gone', device);
    }
    return sent.length > 0;
  }

  close() {
    return this.provider.shutdown();
  }
}

module.exports = { Notifier };
