'use strict';
exports.package = '@parse/node-apn';
Object.assign(exports, require('./node_apn.js').adapter(exports.package));
