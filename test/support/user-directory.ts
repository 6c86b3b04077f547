import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout, packageDescription } from './checkout';

/**
 * A new folder for a Node-RED that is thrown away afterwards. It shows no tips: the editor shows the first one a second after
 * it has read its settings, and throws where it was too slow to have a place for it by then.
 */
export async function temporaryUserDirectory(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'node-red-presence-sync-'));
    const settings = { _: { editor: { view: { 'view-show-tips': false } } } };
    await writeFile(join(folder, '.config.users.json'), JSON.stringify(settings));
    return folder;
}

/**
 * Settings that keep Node-RED on this machine: reachable over loopback only, and asking nobody for updates, for
 * usage statistics or for the catalogue of further nodes.
 * @see https://nodered.org/docs/user-guide/runtime/configuration
 */
export const localSettings = {
    uiHost: '127.0.0.1',
    flowFile: 'flows.json',
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpload: false } },
    editorTheme: { tours: false, palette: { catalogues: [] as string[] }, projects: { enabled: false } },
    diagnostics: { enabled: false, ui: false },
    logging: { console: { level: 'info', metrics: false, audit: false } },
};

/** Writes settings.js into a user directory that has none. */
export async function writeSettings(userDir: string, extra: Record<string, unknown> = {}): Promise<void> {
    const file = join(userDir, 'settings.js');
    if (existsSync(file)) return;
    const settings = { ...localSettings, credentialSecret: randomBytes(24).toString('hex'), ...extra };
    await mkdir(userDir, { recursive: true });
    await writeFile(file, `module.exports = ${JSON.stringify(settings, undefined, 4)};\n`, { mode: 0o600 });
}

/**
 * Makes the checkout an installed package of a user directory. A link does it: Node-RED finds nodes, locales, icons
 * and examples through it, and the package finds its dependencies in the checkout.
 * @throws Error when the package is installed there for real
 */
export async function linkPackage(userDir: string, packageDir = checkout): Promise<void> {
    const link = join(userDir, 'node_modules', packageDescription.name);
    const present = lstatSync(link, { throwIfNoEntry: false });
    if (present && !present.isSymbolicLink()) {
        throw new Error(`${link} is an installed package: uninstall it there, or use another user directory`);
    }
    await rm(link, { force: true });
    await mkdir(dirname(link), { recursive: true });
    await symlink(packageDir, link, 'junction');
}
