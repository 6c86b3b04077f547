import assert from 'node:assert/strict';
import { comparable, cutText, readableText } from '../../../lib/presence/foreign-text';
import { plainNote } from '../../../lib/presence/pbx-note';
import { targetOf } from '../../../lib/presence/teams-states';
import { UserMatches } from '../../../lib/presence/user-matches';
import { presenceOf } from '../../../lib/teams/connection/read-presence';

describe('Text of another system', () => {
    for (const [text, readable] of [
        ['Im Home-Office<pinnednote></pinnednote>', 'Im Home-Office'],
        ['Im Home-Office<PinnedNote />', 'Im Home-Office'],
        ['<at id="0">Bob Meyer</at> vertritt mich', 'Bob Meyer vertritt mich'],
        ['<div><p>one</p><p>two</p></div>', 'one  two'],
        ['one<br/>two<!-- three -->', 'one two'],
        ['5 < 7 and 7 > 5, a <3 for you, x<y', '5 < 7 and 7 > 5, a <3 for you, x<y'],
        ['\u202eturned\u2067 round\u2069', 'turned round'],
        ['שלום\u200f!', 'שלום\u200f!'],
        ['half a pair \ud83d, and a bell\u0007', 'half a pair \ufffd, and a bell'],
        ['Bu\u0308ro', 'Büro'],
        ['R&amp;D', 'R&amp;D'],
        ['Back at <time>, ask <Bob>', 'Back at <time>, ask <Bob>'],
        ['On <b>duty</b><emoji alt="x"/>', 'On duty'],
        ['<pinned<pinnednote>note>', ''],
        ['<p>Im B\u00fcro&nbsp;</p>\n<pinnednote></pinnednote>', 'Im Büro'],
        ['R&amp;D &#x1F642;<pinnednote></pinnednote>', 'R&D 🙂'],
        ['Im Büro<pinnedno', 'Im Büro<pinnedno'],
        ['Im Büro<pinnednote', 'Im Büro'],
        ['<customemoji id="1" alt="party" source="x"></customemoji>Feier<systemEventMessage/>', 'Feier'],
        ['<emoji id="smile" alt="🙂" title="Smile"></emoji> da <img src="x" alt="🏖️"/>', '🙂 da 🏖️'],
        ['<readonly itemtype="a>b">Fest</readonly><svg onload=x><o:p></o:p>', 'Fest'],
        ['<script>alert(1)</script>da', 'da'],
        ['one\u2028two\u0085three\vfour', 'one\ntwo\nthree\nfour'],
        ['\ufeff\u200eIm\u00a0B\u200bü\u00adro\u200b', 'Im Büro'],
        ['می\u200cخواهم 👨\u200d👩\u200d👧', 'می\u200cخواهم 👨\u200d👩\u200d👧'],
        ['not a character \ufffe\uffff.', 'not a character .'],
        ['Im Büro<pinned\u200bnote></pinned\u0007note>', 'Im Büro'],
        ['Im Büro<pinnednote></pinnednote>&lt;pinned&#8203;note&gt;', 'Im Büro'],
        ['<scr\u00adipt>alert(1)</scr\u2060ipt><b\u0000>da</b\ufeff>', 'da'],
        ['\u200b \u2060', ''],
    ] as const)
        it(`is read as people see it there: ${JSON.stringify(text)} [A1]`, () => {
            assert.equal(readableText(text), readable);
            assert.equal(readableText(readable), readable);
        });

    it('is read with its character references where it is html [A1]', () => {
        assert.equal(
            readableText('<p>R&amp;D &lt;b&gt;&nbsp;&#8364; &#x20AC; &bogus; &constructor; &#0;</p>', true),
            'R&D <b> € € &bogus; &constructor; \ufffd',
        );
        assert.equal(
            readableText('Gr&uuml;&szlig;e &Eacute;. &amp;lt; &bdquo;x&ldquo;&hellip;', true),
            'Grüße É. &lt; „x“…',
        );
        const page = '<!DOCTYPE html><head><title>t</title><style>p{}</style></head><p title="a>b">da<![CDATA[x]]>';
        assert.equal(readableText(page, true), 'da');
        assert.equal(readableText('Im Büro&lt;pinnednote&gt;&lt;/pinnednote&gt;', true), 'Im Büro');
    });

    it('is a status message of Teams without what Teams has put into it [A1]', () => {
        const message = { content: 'Im Home-Office<pinnednote></pinnednote>', contentType: 'text' as const };
        const presence = { availability: 'Away', activity: 'Away', statusMessage: { message } } as const;
        assert.equal(presenceOf(presence).statusMessage, 'Im Home-Office');
        assert.ok(
            !('statusMessage' in presenceOf({ ...presence, statusMessage: { message: { content: '<p></p>' } } })),
        );
        for (const [odd, read] of [
            [{ content: 'R&amp;D', contentType: 'HTML' }, 'R&D'],
            [{ content: 5 }, undefined],
            [{ content: { text: 'x' } }, undefined],
        ] as const)
            assert.equal(presenceOf({ ...presence, statusMessage: { message: odd as never } }).statusMessage, read);
    });

    it('is cut between two characters as people see them, where it is written', () => {
        const family = '👨‍👩‍👧';
        assert.equal(
            cutText(family.repeat(3), 20, text => text.length),
            `${family}${family}…`,
        );
        const flags = plainNote('🇩🇪'.repeat(150));
        assert.equal(flags, `${'🇩🇪'.repeat(99)}…`);
        const presence = { availability: 'Busy', activity: 'InACall', statusMessage: `${'x'.repeat(278)}😀😀` };
        assert.equal(targetOf(presence, { statusMessage: true })?.statusMessage, `${'x'.repeat(278)}…`);
    });

    it('is written as it is read again', () => {
        for (const note of ['Back at <time>', 'Gru\u0308\u00dfe', 'On <b>duty</b>', ' x<pinnednote></pinnednote> ']) {
            const target = targetOf(
                { availability: 'Away', activity: 'Away', statusMessage: note },
                { statusMessage: true },
            );
            const content = target?.statusMessage ?? '';
            const read = presenceOf({
                availability: 'Away',
                activity: 'Away',
                statusMessage: { message: { content } },
            });
            assert.equal(read.statusMessage, content);
        }
    });

    it('costs little time, however long and odd it is', () => {
        const begin = performance.now();
        const nested = '<!--'.repeat(200) + '<'.repeat(400) + 'b>'.repeat(400);
        for (const odd of ['<!--', '<at ', '<', '&#', '<pinnednote', nested])
            for (const isHtml of [true, false]) readableText(odd.repeat(100), isHtml);
        assert.equal(readableText(readableText(nested)), readableText(nested));
        assert.ok(performance.now() - begin < 2_000);
    });

    it('is well-formed where it is written', () => {
        assert.equal(plainNote('half \udc00'), 'half \ufffd');
        // Nothing unseen hides a code from being escaped.
        for (const unseen of ['\u200b', '\u00ad', '\u0007', '\u202e'])
            assert.equal(plainNote(`${unseen}#dnd`), '##dnd');
    });
});

describe('Names and addresses are compared', () => {
    it('in lower case, in one form of Unicode, and with the domain as people read it [A6]', () => {
        for (const [one, other] of [
            ['Jürgen@Contoso.com', 'jürgen@contoso.com'],
            ['ju\u0308rgen@contoso.com', 'jürgen@contoso.com'],
            ['jürgen@xn--bcher-kva.example', 'jürgen@bücher.example'],
            ['anna@B\u00dcCHER.example', 'anna@xn--bcher-kva.example'],
            ['  Juergen ', 'juergen'],
            ['\u202aanna@firm.example\u202c', 'anna@firm.example'],
            ['\ufeffAnna\u200b Bra\u00adndt\u200e', 'anna brandt'],
        ] as const)
            assert.equal(comparable(one), comparable(other));
        for (const [one, other] of [
            ['anna+pbx@contoso.com', 'anna@contoso.com'],
            ['anna@straße.example', 'anna@strasse.example'],
            ['müller@contoso.com', 'mueller@contoso.com'],
            ["o'hara@contoso.com", 'ohara@contoso.com'],
        ] as const)
            assert.notEqual(comparable(one), comparable(other));
        for (const none of ['a b@not a domain.', 'user@10.1', 'user@%6dail.example'])
            assert.equal(comparable(none), none);
    });

    it('so by every way of matching [A6]', () => {
        const teams = { id: '1', userPrincipalName: 'ju\u0308rgen@contoso.com', mail: null };
        const pbx = { guid: '2', name: 'Jürgen', longName: '', displayName: '', number: '', node: '' };
        const matches = new UserMatches({ by: 'name-upn' });
        matches.putPbx({ addresses: [], displayName: '', pbx });
        assert.equal(matches.pbxOf({ addresses: [], displayName: '', teams })?.pbx, pbx);
    });
});
