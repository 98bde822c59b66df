'use strict';
const npm = require('./npm_package.js');

exports.name = 'node-apn-http2';
exports.missing = () => npm.missing('node-apn-http2');
exports.hostsAreFixed = true;
exports.identities = ['provider-token'];
exports.alpn = 'h2';
exports.tells = { sent: [], rejected: ['status'], gone: ['status', 'timestamp'] };

exports.open = async (service) => {
  const { Notification, Provider } = require('node-apn-http2');
  const provider = new Provider({
    token: { key: service.p8_file, keyId: service.key_id, teamId: service.team_id },
    production: service.environment === 'production',
  });
  return {
    async push(deviceToken, alert) {
      const note = new Notification();
      note.topic = service.topic;
      note.alert = alert;
      const { sent, failed } = await provider.send(note, [deviceToken]);
      if (sent.length === 1 && failed.length === 0) return { outcome: 'sent' };
      const { status, response, error } = failed[0];
      if (error) throw error;
      return { outcome: 'rejected', status: Number(status), reason: response.reason, timestamp: response.timestamp };
    },
    close: () => provider.shutdown(),
  };
};
