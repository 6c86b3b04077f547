import { promises } from 'node:fs';

/**
 * Preloaded into a Node-RED that shall find its user directory not writable. Permissions would do where the soak is not
 * run by root; but Node-RED itself must be able to write its flows. It writes by callbacks, what is ours by promises.
 */
const { open } = promises;

promises.open = async (path, flags = 'r', mode) => {
    if (flags === 'r') return open(path, flags, mode);
    throw Object.assign(new Error(`EROFS: read-only file system, open '${path}'`), { code: 'EROFS' });
};
