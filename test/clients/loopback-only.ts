import { Socket } from 'node:net';

/** Where a client wanted to connect and was kept from: addresses and names outside this machine. */
export const refusedHosts: string[] = [];

/** From now on this process connects to 127.0.0.1 only, whatever the clients in it try. */
export function stayOnLoopback(): void {
    const connect = Socket.prototype.connect;
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
        const host = hostOf(args);
        if (host === '127.0.0.1') return Reflect.apply(connect, this, args);
        refusedHosts.push(host);
        this.destroy(new Error(`The check connects to 127.0.0.1 only, not to ${host}`));
        return this;
    } as typeof connect;
}

/** Node.js calls with options, with a list that holds them, or with a port and a host. */
function hostOf(args: unknown[]): string {
    const [first, second] = Array.isArray(args[0]) ? args[0] : args;
    const { host, path } = (typeof first === 'object' && first !== null ? first : { host: second }) as {
        host?: string;
        path?: string;
    };
    return host ?? path ?? 'localhost';
}
