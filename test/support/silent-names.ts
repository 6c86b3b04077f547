import dns from 'node:dns';

/** Preloaded into a process for which a name server is silent about all names below this one. */
export const silentDomain = 'silent.example';

const { lookup } = dns;

// Also a module that a name is imported from: it acts only in a child.
if (process.send)
    dns.lookup = ((name: string, ...more: unknown[]) => {
        if (!name.endsWith(silentDomain)) (lookup as (...all: unknown[]) => void)(name, ...more);
    }) as typeof dns.lookup;
