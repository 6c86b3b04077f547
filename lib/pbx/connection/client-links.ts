import type { Clock } from '../../time/clock';
import { ClientLink } from './client-link';
import { type PbxLink, PbxLinks } from './pbx-links';
import type { Log, PbxSettings } from './pbx-settings';

/** The connections that we make: one per address, the master's first. */
export class ClientLinks extends PbxLinks {
    readonly #links: ClientLink[];

    constructor(options: { settings: PbxSettings; clock: Clock; random: () => number; log: Log }) {
        super(options.log);
        const [master = '', ...slaves] = options.settings.addresses;
        const linkTo = (role: 'master' | 'slave', address: string) =>
            new ClientLink({ ...options, role, address, tell: (name, ...values) => this.tell(name, ...values) });
        this.#links = [linkTo('master', master), ...slaves.map(address => linkTo('slave', address))];
    }

    override start(): void {
        for (const link of this.#links) link.start();
    }

    override async stop(): Promise<void> {
        await Promise.all(this.#links.map(link => link.stop()));
    }

    protected override get links(): readonly PbxLink[] {
        return this.#links.map(({ link }) => link);
    }
}
