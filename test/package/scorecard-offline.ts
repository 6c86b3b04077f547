import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkout } from '../support/checkout';
import { npm } from './npm';

// Preloaded into the scorecard tool: answers its own HTTP requests. The list of all published Node-RED packages is not
// needed to judge this one, and what it wants to know of Node-RED comes through npm, or from the installed one.

interface NodeRedMetadata {
    'dist-tags': Record<string, string>;
    versions: Record<string, { engines: { node: string } }>;
}

type Get = (url: string) => Promise<{ data: unknown }>;

const axios: { get: Get } = createRequire(process.argv[1]!)('axios');
const get = axios.get;

axios.get = async url => {
    if (url.endsWith('/catalogue.json')) return { data: { modules: [] } };
    if (url.endsWith('/node-red')) return { data: await nodeRedMetadata() };
    return get(url);
};

async function nodeRedMetadata(): Promise<NodeRedMetadata> {
    const latest = await newestNodeRed().catch(installedNodeRed);
    return {
        'dist-tags': latest['dist-tags'] ?? { latest: latest.version },
        versions: { [latest.version]: { engines: latest.engines } },
    };
}

interface NodeRedDescription {
    version: string;
    engines: { node: string };
    'dist-tags'?: Record<string, string>;
}

async function newestNodeRed(): Promise<NodeRedDescription> {
    const fields = ['version', 'engines', 'dist-tags'];
    return JSON.parse(await npm(checkout, ['view', 'node-red@latest', ...fields, '--json']));
}

function installedNodeRed(): NodeRedDescription {
    return JSON.parse(readFileSync(join(checkout, 'node_modules/node-red/package.json'), 'utf8'));
}
