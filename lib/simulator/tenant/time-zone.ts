import { otherZones, windowsZones } from './windows-zones';

/** By the name in lower case, as Windows compares them. */
const zones = new Map(
    [...Object.entries(windowsZones), ...otherZones.map(name => [name, name] as const)].map(([name, zone]) => [
        name.toLowerCase(),
        zone,
    ]),
);

/** The rules behind the name of a time zone as Graph takes it; undefined for a name that it does not. */
export function zoneOf(name: string): string | undefined {
    return zones.get(name.toLowerCase());
}

/**
 * The moment at which clocks in a zone show a time, in milliseconds since the epoch. A time that comes twice is taken
 * for the earlier or the later one; one that never comes, for one beside the gap.
 * @param wallTime what the clocks show, as if it were in UTC
 * @param zone of the IANA database
 */
export function momentOf(wallTime: number, zone: string): number {
    const first = wallTime - offsetAt(wallTime, zone);
    return wallTime - offsetAt(first, zone);
}

/** How far clocks in the zone are ahead of UTC at a moment, in milliseconds. */
function offsetAt(moment: number, zone: string): number {
    const format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
    });
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
    const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return shown - Math.floor(moment / 1000) * 1000;
}
