import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A node as it stands in a flow file. */
export interface FlowNode {
    id: string;
    type: string;
    [property: string]: unknown;
}

/** The folder of the package's own package.json, found from wherever the compiled tests lie. */
export const checkout = findCheckout(__dirname);

/** The parts of package.json that the tests read. */
export interface PackageDescription {
    name: string;
    version: string;
    dependencies: Record<string, string>;
    'node-red': { nodes: Record<string, string> };
}

export const packageDescription: PackageDescription = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));

/** Every node type of the package; each node file is named after the one type it registers. */
export const nodeTypes = Object.keys(packageDescription['node-red'].nodes);

/** The names of the example flows as the import menu shows them, in its order. */
export function exampleNames(): string[] {
    return readdirSync(join(checkout, 'examples'))
        .filter(file => file.endsWith('.json'))
        .map(file => file.slice(0, -'.json'.length))
        .sort();
}

/** The example flow of that name. */
export function readExample(name: string): FlowNode[] {
    return JSON.parse(readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8'));
}

/** The example flow that needs nothing but this machine: "Try it - a simulated office". */
export function tryItExample(): FlowNode[] {
    const name = exampleNames()[0];
    if (!name) throw new Error(`There is no example flow in ${join(checkout, 'examples')}`);
    return readExample(name);
}

function findCheckout(from: string): string {
    if (existsSync(join(from, 'package.json')) && existsSync(join(from, 'tsconfig.json'))) return from;
    const parent = dirname(from);
    if (parent === from) throw new Error('The tests run from a checkout of the package only');
    return findCheckout(parent);
}
