'use strict';
const fs = require('node:fs');
const npm = require('./npm_package.js');

exports.name = 'apns2';
exports.missing = () => npm.missing('apns2');
exports.hostsAreFixed = true;
exports.identities = ['provider-token'];
exports.alpn = 'h2';
exports.tells = { sent: [], rejected: ['status'], gone: ['status', 'timestamp'] };

exports.open = async (service) => {
  const { ApnsClient, ApnsError, Host, Notification } = require('apns2');
  const client = new ApnsClient({
    team: service.team_id, keyId: service.key_id, signingKey: fs.readFileSync(service.p8_file, 'utf8'),
    defaultTopic: service.topic, host: Host[service.environment],
  });
  return {
    async push(deviceToken, alert) {
      try {
        await client.send(new Notification(deviceToken, { alert }));
        return { outcome: 'sent' };
      } catch (error) {
        if (!(error instanceof ApnsError)) throw error;
        return { outcome: 'rejected', status: error.statusCode, reason: error.reason, timestamp: error.timestamp };
      }
    },
    close: () => client.close(),
  };
};
