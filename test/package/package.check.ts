import { join } from 'node:path';
import { checkout } from '../support/checkout';
import { checkPackedPackage } from './check-packed-package';

/** The oldest Node-RED line that we support, on the oldest Node.js. */
const oldest = { nodeRed: '4.1.15', node: '20.19.0' };

checkPackedPackage(`the packed package on Node-RED 5 and Node.js ${process.versions.node}`, async () => ({
    node: process.execPath,
    red: join(checkout, 'node_modules/node-red/red.js'),
}));

checkPackedPackage(
    `the packed package on Node-RED ${oldest.nodeRed} and Node.js ${oldest.node}`,
    async function installRuntimes(workshop) {
        const runtimes = [`node-red@${oldest.nodeRed}`, `node@${oldest.node}`];
        const modules = join(await workshop.install('runtimes', runtimes), 'node_modules');
        return { node: join(modules, 'node/bin/node'), red: join(modules, 'node-red/red.js') };
    },
);
