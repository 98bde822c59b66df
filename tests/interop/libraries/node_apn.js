// What the forks of node-apn have in common.
'use strict';
const npm = require('./npm_package.js');

exports.adapter = (name, tells) => ({
  name,
  missing: () => npm.missing(name),
  identities: ['certificate', 'provider-token'],
  alpn: 'h2',
  tells,

  async open(service, identity) {
    const apn = require(name);
    const provider = new apn.Provider({
      address: service.host, port: service.port, ca: [service.ca_file], production: service.environment === 'production',
      ...(identity === 'certificate'
        ? { cert: service.cert_file, key: service.key_file }
        : { token: { key: service.p8_file, keyId: service.key_id, teamId: service.team_id } }),
    });
    return {
      async push(deviceToken, alert) {
        const note = new apn.Notification();
        note.topic = service.topic;
        note.alert = alert;
        note.pushType = 'alert';
        const { sent, failed } = await provider.send(note, deviceToken);
        if (sent.length === 1 && failed.length === 0) return { outcome: 'sent' };
        const { status, response, error } = failed[0];
        // After some statuses it has an error of its own in place of the reason, or of both.
        const told = status ?? /^Error ([0-9]{3}),/.exec(error.message)?.[1];
        if (told === undefined) throw error;
        return { outcome: 'rejected', status: Number(told), reason: response?.reason, timestamp: response?.timestamp };
      },
      close: () => provider.shutdown(),
    };
  },
});
