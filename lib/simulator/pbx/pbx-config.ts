/** What MonitorConfig tells of one PBX. */
export class PbxConfig {
    readonly domain: string;
    readonly pbx: string;
    /** Told of every change. */
    readonly observers = new Set<() => void>();
    #dns: string;

    constructor({ systemName, pbxName }: { systemName: string; pbxName: string }) {
        this.domain = systemName;
        this.pbx = pbxName;
        this.#dns = `${pbxName}.${systemName}`;
    }

    /** The DNS name, which an administrator may change. */
    get dns(): string {
        return this.#dns;
    }

    set dns(dns: string) {
        if (dns === this.#dns) return;
        this.#dns = dns;
        for (const observer of this.observers) observer();
    }
}
