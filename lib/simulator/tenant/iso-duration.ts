const pattern = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * An ISO 8601 duration of days and shorter parts ("PT1H30M") in milliseconds; undefined for anything else.
 * @see https://learn.microsoft.com/graph/api/presence-setpresence#request-body
 */
export function parseDuration(text: unknown): number | undefined {
    const parts = typeof text === 'string' && text !== 'P' ? pattern.exec(text) : null;
    if (!parts) return undefined;
    const [days, hours, minutes, seconds] = parts.slice(1).map(part => Number(part ?? 0)) as [
        number,
        number,
        number,
        number,
    ];
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
