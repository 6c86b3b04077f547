/**
 * Rows as text for spreadsheets, which take a cell that begins like a formula for one: such a cell begins with a quote.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvOf(rows: readonly (readonly (string | undefined)[])[]): string {
    return rows.map(row => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(value = ''): string {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
