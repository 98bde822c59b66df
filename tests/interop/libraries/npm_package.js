// What libraries of npm have in common.
'use strict';
const { pathToFileURL } = require('node:url');

// undici 7, on which some stand, names File when it is loaded. Node 18 has one, elsewhere.
globalThis.File ??= require('node:buffer').File;

// Why the package cannot be run here, or nothing.
exports.missing = (name, file = name) => {
  try {
    require.resolve(file);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return `the npm package ${name} is not installed (./dev test installs it when the registry can be reached)`;
  }
};

// A package that is an ES module, which does not look into NODE_PATH by itself.
exports.load = (name) => import(pathToFileURL(require.resolve(name)));
