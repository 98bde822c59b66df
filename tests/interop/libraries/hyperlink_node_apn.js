'use strict';
exports.package = '@hyperlink/node-apn';
Object.assign(exports, require('./node_apn.js').adapter(exports.package));
