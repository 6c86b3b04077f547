import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../support/checkout';
import { npm } from './npm';

const quietly = ['--no-audit', '--no-fund'];

/** A folder outside the checkout that is removed at the end. */
export class Workshop {
    readonly folder: string;

    private constructor(folder: string) {
        this.folder = folder;
    }

    static async open(): Promise<Workshop> {
        return new Workshop(await mkdtemp(join(tmpdir(), 'presence-sync-package-')));
    }

    close(): Promise<void> {
        return rm(this.folder, { recursive: true, force: true });
    }

    /** Packs what would be published. @returns the tarball's path */
    async pack(): Promise<string> {
        const output = await npm(checkout, ['pack', '--ignore-scripts', '--json', '--pack-destination', this.folder]);
        const [{ filename }] = JSON.parse(output) as [{ filename: string }];
        return join(this.folder, filename);
    }

    /**
     * Installs packages into a new folder, with the flags of Node-RED's palette manager: an `engines` entry that does
     * not admit the Node.js is an error.
     * @param packages names with versions, or tarballs
     */
    async install(name: string, packages: string[], node = process.execPath): Promise<string> {
        const folder = join(this.folder, name);
        await mkdir(folder);
        await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user-directory', private: true }));
        await npm(folder, ['install', '--omit=dev', '--engine-strict', ...quietly, ...packages], node);
        return folder;
    }
}
