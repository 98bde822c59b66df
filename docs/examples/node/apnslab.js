// The control API of the service that `apnslab exec` started. Copy this file beside your tests.
'use strict';

const { env } = process;
// A service in another container has one; that of exec has none.
const headers = env.APNSLAB_SECRET ? { Authorization: `Bearer ${env.APNSLAB_SECRET}` } : {};

async function ask(method, path, body) {
  const response = await fetch(env.APNSLAB_CONTROL_URL + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.ok) return response.status === 204 ? undefined : response.json();
  // What was wrong, and for an expectation what came nearest.
  const problem = await response.json();
  const nearest = problem.nearest ? `\nnearest: ${JSON.stringify(problem.nearest, null, 2)}` : '';
  throw new Error([problem.title, problem.detail].filter(Boolean).join(' ') + nearest);
}

module.exports = {
  /** World, faults, ledger and clock as at the start; connections stay open unless they are to
   * `close`. */
  reset: (connections = 'keep') => ask('POST', '/reset', { connections }),
  /** Waits until so many events of the ledger match; `options`: count, within, after. */
  expect: async (match, options = {}) => (await ask('POST', '/expect', { match, ...options })).items,
  /** Arms a fault rule: { when, then, times, name }. */
  arm: (fault) => ask('POST', '/faults', fault),
  /** PATCH of a phone: { online: false }. */
  phone: (name, change) => ask('PATCH', `/devices/${name}`, change),
};
