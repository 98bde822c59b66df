// What the forks of node-apn have in common.
'use strict';

exports.adapter = (name) => ({
  package: name,
  identities: ['certificate', 'provider-token'],

  async open(ready, identity) {
    const apn = require(name);
    const provider = new apn.Provider({
      address: ready.host, port: ready.http2_port, ca: [ready.ca_file], production: true,
      ...(identity === 'certificate'
        ? { cert: ready.cert_file, key: ready.key_file }
        : { token: { key: ready.p8_file, keyId: ready.key_id, teamId: ready.team_id } }),
    });
    return {
      async push(deviceToken, alert) {
        const note = new apn.Notification();
        note.topic = ready.topic;
        note.alert = alert;
        note.pushType = 'alert';
        const { sent, failed } = await provider.send(note, deviceToken);
        if (sent.length === 1 && failed.length === 0) return { outcome: 'sent' };
        const { status, response, error } = failed[0];
        if (error) throw error;
        return { outcome: 'rejected', status, reason: response.reason, timestamp: response.timestamp };
      },
      close: () => provider.shutdown(),
    };
  },
});
