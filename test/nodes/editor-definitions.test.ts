import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pbxErrors } from '../../lib/errors/pbx-errors';
import { pbxCheckSentences } from '../../lib/pbx/check/check-sentences';
import { pbxActivities, teamsActivities } from '../../lib/presence/vocabulary';
import { checkout, nodeTypes } from '../support/checkout';
import { configTypes } from '../support/our-nodes';
import { type Catalog, FakeEditor, readCatalog, readEditorFile, textOf } from './fake-editor';

const languages = ['en-US', 'de'];

function read(...path: string[]): string {
    return readFileSync(join(checkout, ...path), 'utf8');
}

/** Every key of a catalog, as `azure-app.label.cloud`. */
function keysOf(catalog: Catalog, prefix = ''): string[] {
    return Object.entries(catalog).flatMap(([key, value]) =>
        typeof value === 'string' ? `${prefix}${key}` : keysOf(value, `${prefix}${key}.`),
    );
}

function own(type: string, language: string): string[] {
    return keysOf(readCatalog(language, type));
}

/** The names that a text fills in. */
function placeholders(text: string): string[] {
    return [...text.matchAll(/__(\w+)__/g)].map(match => match[1]!).sort();
}

/** What several nodes use may look up their texts, too. */
const sharedCode = readdirSync(join(checkout, 'nodes', 'runtime')).map(file => read('nodes', 'runtime', file));

/** The code of a dialog: its own module and those that it imports, but not those of other node types. */
function editorCode(type: string): string {
    const files = new Set([`${type}.ts`]);
    for (const file of files)
        for (const [, name] of read('nodes', 'editor', file).matchAll(/from '\.\/(.+)\.js'/g))
            if (!nodeTypes.includes(name!)) files.add(`${name}.ts`);
    return [...files].map(file => read('nodes', 'editor', file)).join('\n');
}

/** What a file looks up in the catalog: whole keys, and patterns for those it puts together. */
function lookUps(type: string): { keys: string[]; patterns: RegExp[] } {
    const html = readEditorFile(type);
    const dialog = editorCode(type);
    const runtime = read('nodes', `${type}.ts`);
    const code = [html, runtime, dialog, ...sharedCode].join('\n');
    const attributes = [...html.matchAll(/data-i18n="([^"]+)"/g)]
        .flatMap(match => match[1]!.split(';'))
        .map(key => key.replace(/^\[\w+\]/, ''));
    const named = new RegExp(`(['\`])(?:@[^:\n]+:)?((?:${type}\\.|node-red:).+?)\\1`, 'g');
    const called = [...code.matchAll(named)].map(match => match[2]!).filter(text => !/\.(svg|read|write)$/.test(text));
    const states = runtime.includes('own.begin(') ? ['connecting', 'connected', 'stopped', 'recovered'] : [];
    if (runtime.includes('followPbxState(own')) states.push('slaves-away');
    if (runtime.includes('dryRun')) states.push('dry-run');
    const shown = states.map(key => `${type}.status.${key}`);
    const ports = ['input', 'output'].filter(port => html.includes(`${port}s: 1`));
    const texts = [...(dialog + runtime).matchAll(/\btext\((['`])(.+?)\1/g)].map(match => match[2]!);
    const labels = [...dialog.matchAll(/label: '(label\..+?)'/g)].map(match => match[1]!);
    const refused = own(type, 'en-US')
        .map(key => key.slice(type.length + 1))
        .filter(key => key.startsWith('invalid.') && dialog.includes(`'${key.slice('invalid.'.length)}'`));
    const byDialog = [...ports, ...texts.filter(key => !['input', 'output'].includes(key)), ...labels, ...refused];
    const all = [...attributes, ...called, ...shown, ...byDialog.map(key => `${type}.${key}`)];
    const isPattern = (key: string): boolean => key.includes('${');
    return {
        keys: all.filter(key => !isPattern(key)),
        patterns: all.filter(key => isPattern(key) && !/\.invalid\.\$/.test(key)).map(patternOf),
    };
}

/** What a key with parts to be filled in can become. */
function patternOf(template: string): RegExp {
    const literals = template.split(/\$\{[^}]*\}/).map(text => text.replace(/[.*+?^()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${literals.join('.*')}$`);
}

for (const type of nodeTypes) {
    describe(`${type} in the editor`, () => {
        const { definition } = new FakeEditor(type);

        it('is registered in its category, with an icon and a colour', () => {
            assert.equal(definition.category, configTypes.includes(type) ? 'config' : 'presence');
            assert.match(definition.color, /^#[0-9A-F]{6}$/);
            assert.match(read('icons', definition.icon), /viewBox="0 0 40 60"/);
            assert.ok('name' in definition.defaults);
        });

        it('uses only colours of the theme', () => {
            assert.doesNotMatch(readEditorFile(type).split('data-template-name')[1]!, /#[0-9a-f]{3,6}\b|white|black/i);
        });

        it('has the same texts in every language', () => {
            assert.deepEqual(own(type, 'de'), own(type, 'en-US'));
            for (const key of own(type, 'en-US')) {
                const [english, german] = languages.map(language => textOf(readCatalog(language, type), key)!);
                assert.deepEqual(placeholders(german!), placeholders(english!), key);
            }
        });

        it('finds every text it looks up, and needs every text it has', () => {
            const { keys, patterns } = lookUps(type);
            const ours = own(type, 'en-US');
            for (const key of keys.filter(name => !name.startsWith('node-red:'))) assert.ok(ours.includes(key), key);
            for (const pattern of patterns)
                assert.ok(
                    ours.some(key => pattern.test(key)),
                    `${pattern}`,
                );
            const unused = ours.filter(key => !keys.includes(key) && !patterns.some(pattern => pattern.test(key)));
            assert.deepEqual(unused, []);
        });

        it('takes from Node-RED only texts that Node-RED has', () => {
            const theirs = lookUps(type).keys.filter(key => key.startsWith('node-red:'));
            const folder = join('node_modules', '@node-red', 'nodes', 'locales');
            for (const language of languages) {
                const catalog: Catalog = JSON.parse(read(folder, language, 'messages.json'));
                for (const key of theirs) assert.ok(textOf(catalog, key.replace('node-red:', '')), key);
            }
        });

        it('has help in every language', () => {
            for (const language of languages) {
                const help = read('nodes', 'locales', language, `${type}.html`);
                assert.match(help, new RegExp(`^<script type="text/html" data-help-name="${type}">\\s*<p>[^<]{20,}`));
            }
        });

        it('has a label for each field, and a field for each label', () => {
            const template = readEditorFile(type).split('data-template-name')[1]!;
            for (const [, id] of template.matchAll(/ for="([^"]+)"/g)) assert.ok(template.includes(` id="${id}"`), id);
            for (const [, id] of template.matchAll(/<(?:input|select)[^>]* id="([^"]+)"/g))
                assert.ok(template.includes(` for="${id}"`), id);
        });
    });
}

describe('Places in the PBX', () => {
    it('are called as the PBX calls them, in both languages, in help, errors and checks alike', () => {
        const folder = join(checkout, 'nodes', 'locales');
        const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => extname(file));
        const sentences = [pbxErrors, pbxCheckSentences].map(table => JSON.stringify(table));
        const texts = [...files.map(file => readFileSync(join(folder, file), 'utf8')), ...sentences];
        const others = /PBX[- ]Manager|PBX \/ Objects|Objekte >|Konfigurations-?[Tt]emplate|configuration template/;
        for (const text of texts) assert.doesNotMatch(text, others);
        for (const text of texts.filter(each => /\bOnline\b/.test(each))) assert.match(text, /Presence note/);
    });
});

describe('The words of the presence map', () => {
    it('have a text in German, all of both vocabularies', () => {
        const words = [...teamsActivities, ...pbxActivities.filter(Boolean), 'available', 'any', 'clear', 'leave'];
        for (const word of words)
            assert.ok(textOf(readCatalog('de', 'presence-map'), `presence-map.word.${word}`), word);
    });
});

describe('Icons', () => {
    it('are all used', () => {
        const used = nodeTypes.map(type => new FakeEditor(type).definition.icon);
        assert.deepEqual(readdirSync(join(checkout, 'icons')).sort(), [...new Set(used)].sort());
        assert.ok(used.every(icon => existsSync(join(checkout, 'icons', icon))));
    });
});
