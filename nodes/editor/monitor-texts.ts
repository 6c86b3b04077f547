const catalog = '@teams-pbx/node-red-presence-sync/presence-monitor:presence-monitor.';
const words = '@teams-pbx/node-red-presence-sync/presence-map:presence-map.word.';

/** A text of the sidebar's catalog. */
export function monitorText(key: string, named: Record<string, string | number> = {}): string {
    return RED._(`${catalog}${key}`, named);
}

/** What a system shows, as people call it: `Busy/InACall` is "In a call". What has no such name stays as it is. */
export function wordOf(shown: string): string {
    const activity = shown.split('/').at(-1)!;
    const key = `${words}${activity}`;
    const text = RED._(key);
    return text.endsWith(`word.${activity}`) ? shown : text;
}

/** An element with classes and a text. */
export function made<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    { text, ...attributes }: Record<string, string> = {},
    ...children: (HTMLElement | string)[]
): HTMLElementTagNameMap[Name] {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    if (text !== undefined) element.textContent = text;
    element.append(...children);
    return element;
}

/** A time of day, with the date where it is another one. */
export function timeText(time: string | number): string {
    const date = new Date(time);
    const language = RED.i18n.lang();
    const clock = date.toLocaleTimeString(language);
    return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString(language)} ${clock}`;
}
