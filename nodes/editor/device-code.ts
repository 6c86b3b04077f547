import { ask } from './report-list.js';

/** What the runtime answers when a sign-in begins. */
interface Begun {
    signIn: string;
    userCode: string;
    verificationUri: string;
    /** Until the code expires. */
    seconds: number;
}

type SignedIn = Record<'signIn' | 'username', string>;
type Text = (key: string, named?: Record<string, unknown>) => string;

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
const wait = (time: number): Promise<void> => new Promise(resolve => setTimeout(resolve, time));

/** The address, the code and what to do with them. */
function instructions(text: Text, { userCode, verificationUri }: Begun): JQuery {
    const address = $('<a target="_blank" rel="noopener">').text(verificationUri).css({ textDecoration: 'underline' });
    if (/^https:/.test(verificationUri)) address.attr({ href: verificationUri });
    const code = $('<code id="teams-accounts-code">').text(userCode);
    code.css({ fontSize: '1.6em', userSelect: 'all', whiteSpace: 'nowrap' });
    return $('<ol>').append(
        $('<li>').append($('<span>').text(text('device-code.open')), ' ', address),
        $('<li>').append($('<span>').text(text('device-code.enter')), ' ', code),
        $('<li>').text(text('device-code.as')),
    );
}

/**
 * Shows code and address until the account has signed in there.
 * @param asked the node that will use the sign-in, and the registration
 * @returns undefined if it was cancelled
 * @throws Error with a sentence
 */
export async function signInByCode(text: Text, asked: { id: string; app: object }): Promise<SignedIn | undefined> {
    const begun = await ask<Begun>('teams-accounts/device-code', asked);
    const { signIn, seconds } = begun;
    const ends = Date.now() + seconds * 1000;
    const left = $('<span>');
    const content = $('<div>').append($('<p>').text(text('device-code.title')), instructions(text, begun), left);
    let cancel = (): void => {};
    const cancelled = new Promise<'cancelled'>(resolve => {
        cancel = () => resolve('cancelled');
    });
    const buttons = [{ text: text('device-code.cancel'), click: () => cancel() }];
    const notification = RED.notify(content.toArray()[0], { modal: true, fixed: true, buttons });
    try {
        for (let turn = 1; ; turn += 1) {
            const rest = Math.max(0, Math.round((ends - Date.now()) / 1000));
            left.text(text('device-code.left', { time: clock(rest) }));
            if ((await Promise.race([wait(1000), cancelled])) === 'cancelled') break;
            if (turn % 2 === 0) continue;
            const { username } = await ask<{ username?: string }>('teams-accounts/device-code/state', { signIn });
            if (username) return { signIn, username };
        }
    } finally {
        notification.close();
    }
    await ask('teams-accounts/device-code/cancel', { signIn }).catch(() => {});
    return undefined;
}
