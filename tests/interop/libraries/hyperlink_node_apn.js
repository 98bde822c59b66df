'use strict';
const { adapter } = require('./node_apn.js');
Object.assign(exports, adapter('@hyperlink/node-apn', { sent: [], rejected: ['status'], gone: ['status', 'timestamp'] }));
