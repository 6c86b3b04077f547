/**
 * Preloaded into a Node-RED that a test or `npm start` runs: should the parent die without stopping it,
 * it stops by itself instead of staying behind.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
