'use strict';
const fs = require('node:fs');
const npm = require('./npm_package.js');

exports.name = 'hapns';
exports.missing = () => npm.missing('hapns', 'hapns/send');
exports.hostsAreFixed = true;
exports.identities = ['certificate', 'provider-token'];
exports.alpn = 'h2';
exports.tells = { sent: ['apnsId'], rejected: ['status', 'apnsId'], gone: ['status', 'apnsId'] };

async function connectorOf(service, identity) {
  if (identity === 'certificate') {
    const { CertificateConnector } = await npm.load('hapns/connectors/certificate');
    return CertificateConnector({ cert: fs.readFileSync(service.cert_file), key: fs.readFileSync(service.key_file) });
  }
  const { TokenConnector } = await npm.load('hapns/connectors/token');
  return TokenConnector({ key: fs.readFileSync(service.p8_file), keyId: service.key_id, teamIdentifier: service.team_id });
}

exports.open = async (service, identity) => {
  const { send } = await npm.load('hapns/send');
  const { Device } = await npm.load('hapns/targets/device');
  const { AlertNotification } = await npm.load('hapns/notifications/AlertNotification');
  const connector = await connectorOf(service, identity);
  return {
    async push(deviceToken, alert) {
      const notification = AlertNotification(service.topic, { payload: { alert: { body: alert } } });
      try {
        const { apnsId } = await send(connector, notification, Device(deviceToken),
          { useSandbox: service.environment === 'development' });
        return { outcome: 'sent', apnsId };
      } catch (error) { // named after the reason
        if (!error.statusCode) throw error;
        return { outcome: 'rejected', status: error.statusCode, reason: error.name.replace(/Error$/, ''), apnsId: error.apnsId };
      }
    },
    close() {}, // it has no such thing
  };
};
