import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './support/checkout';

/**
 * What was found from outside, by public reports, real clients and attacks, a row for each, and what holds instead. A test
 * that shows a row has its tag at the end of its title, in square brackets.
 * `npm run outside` prints which test shows what.
 */
export const outsideRows: Readonly<Record<string, string>> = {
    A1: 'foreign markup never reaches a note',
    A2: 'a guest, or who may not sign in, never takes the place of a member with the same address',
    A3: 'nor with the same name or number',
    A4: 'business phones match in every common form of an extension',
    A5: 'of two members with the same address nobody is guessed',
    A6: 'addresses are the same in each form of Unicode, and of a domain',
    A7: 'proxies of the environment are read as other programs read them, or named',
    A8: 'a variable of the environment that is not set is named, and nothing is sent in its place',
    A9: 'a context store that never answers holds nothing up, and is named',
    A10: 'many nodes listen to the flows once',
    A11: 'the simulated public address is where Node-RED listens, whatever its settings',
    A12: 'Node-RED ends within 8 s, whatever hangs',
    A13: 'a wrong clock is named, and makes no notification a forgery',
    A14: 'two nodes of one registration are recognised and named',
    A15: 'ids are the same in capitals',
    A16: 'a key that is newer than our set makes no notification a forgery',
    A17: 'where the certificate of a proxy is not trusted, what to choose is said',
    A18: 'what was entered in the wrong field is named, and not sent',
    B1: 'a test of accounts asks for the permission of the calls that are made',
    B2: 'so where a group is followed',
    B3: 'permissions are the least by the published table',
    B4: 'the permission for the licence of an account reads the full profile',
    B5: 'groups with hidden membership are named',
    B6: 'the public address is tested from here, and odd ones are warned of',
    B7: 'a certificate that is trusted is not offered to be pinned',
    C1: 'plain content is a hint at most',
    C2: 'content counts for the user in it only',
    C3: 'what contradicts a newer read is verified first',
    C4: 'a key counts for the tenant of its issuer only',
    C5: 'certificates are verified whatever the environment says',
    C6: 'no name of a user turns a login into that of the PBX',
    C7: 'connections that ask for nothing keep nobody out, and are told',
    C8: 'a kept sign-in whose proof was cut is nothing',
    C9: 'a test takes no secret to another address, and tells no variable of the environment',
    C10: 'what others send makes no line of the log of its own, and passwords are not guessed quickly',
    C11: 'a Microsoft side that is silent shows within 45 s',
    C12: 'tokens are texts',
    D1: 'a replication goes on whatever its source, and changes of either of two count',
    D2: 'an empty api is none',
    D3: 'KeepAlive is echoed',
    D4: 'a login of a user is refused quietly',
    D5: 'a refused login says why as a text',
    D6: 'what the PBX has and is not simulated is named',
    D7: 'false values, entries, ends of calls, licences and passwords are as recorded',
    D8: 'a coded note is rebuilt from its codes, and the next appointment is not passed on',
    D9: 'the node of a user is the numbering node',
    D10: 'requests of real clients to Graph and Entra are answered, or named as not simulated',
    E1: 'accounts sign in by the browser, and a blocked device code is named',
    E2: 'a registration proves itself by a federated credential, and a forbidden secret is named',
    E3: 'the presence scopes are asked for in the same request, by tests too',
    E4: 'which demands for a second factor concern communication users is said where they are set up',
    E5: 'the end of a secret is entered, and warned of',
    E6: 'where people work, and that they are out of office, is told',
};

/** A title, or what a row of a table gives to one: a text in quotes with tags at its end. */
const tagged = /(?:\bit\((['"`])(.*?)|(['"`])((?:(?!\3).)*))((?: \[[A-E]\d*\])+)(?:\1|\3)/g;

/** The tests of each tag, as "file: title", read from the sources: none of them is loaded. */
export function taggedTests(): Map<string, string[]> {
    const folder = join(checkout, 'test');
    const found = new Map<string, string[]>();
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files.filter(name => name.endsWith('.ts') && !name.includes('node_modules'))) {
        for (const [, , title, , part, tags] of readFileSync(join(folder, file), 'utf8').matchAll(tagged))
            for (const [, tag] of tags!.matchAll(/\[(\w+)\]/g))
                found.set(tag!, [...(found.get(tag!) ?? []), `${file}: ${title ?? part}`]);
    }
    return found;
}

if (require.main === module) {
    const tests = taggedTests();
    for (const [row, holds] of Object.entries(outsideRows)) {
        process.stdout.write(`${row}  ${holds}\n`);
        for (const test of tests.get(row) ?? ['no test yet']) process.stdout.write(`     ${test}\n`);
    }
}
