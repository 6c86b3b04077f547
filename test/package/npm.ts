import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs the machine's npm in a folder, on the given Node.js, as an administrator would there.
 * @returns what it printed
 * @throws Error with what it printed when it fails
 */
export async function npm(folder: string, args: string[], node = process.execPath): Promise<string> {
    const options = { cwd: folder, env: environment(node), maxBuffer: 16 * 2 ** 20 };
    const npmProgram = process.env.npm_execpath;
    const { stdout } = npmProgram
        ? await execute(node, [npmProgram, ...args], options)
        : await execute('npm', args, options);
    return stdout;
}

/** The environment without what an outer `npm run` put there about another package; `node` is the given one. */
function environment(node: string): NodeJS.ProcessEnv {
    const outer = /^npm_(package|lifecycle|command|config_local_prefix|config_(?:omit|prefix)$)|^INIT_CWD$/;
    const kept = Object.entries(process.env).filter(([name]) => !outer.test(name));
    return { ...Object.fromEntries(kept), PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
}
