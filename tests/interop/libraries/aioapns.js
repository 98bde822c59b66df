'use strict';
const program = require('./program.js');

// The system's own: a python3 that is first in PATH has other packages.
const kPython = '/usr/bin/python3';

exports.name = 'aioapns';
exports.missing = () => {
  if (!program.works([kPython, '-c', 'import aioapns'])) return 'python3-aioapns is not installed';
};
exports.identities = ['certificate', 'provider-token'];
exports.alpn = undefined;
exports.tells = { sent: ['status', 'apnsId'], rejected: ['status', 'apnsId'], gone: ['status', 'apnsId'] };
exports.open = program.opener([kPython, '-B'], 'aioapns_push.py');
