'use strict';
const program = require('./program.js');

const kPerl = '/usr/bin/perl';

exports.name = 'Protocol::HTTP2';
exports.missing = () => {
  if (!program.works([kPerl, '-e', 'use Protocol::HTTP2; use IO::Socket::SSL; use Crypt::JWT;'])) {
    return 'libprotocol-http2-perl, libio-socket-ssl-perl or libcrypt-jwt-perl is not installed';
  }
};
exports.identities = ['certificate', 'provider-token'];
exports.alpn = 'h2';
exports.tells = {
  sent: ['status', 'apnsId'], rejected: ['status', 'apnsId'], gone: ['status', 'apnsId', 'timestamp'],
};
exports.open = program.opener([kPerl], 'protocol_http2_push.pl');
