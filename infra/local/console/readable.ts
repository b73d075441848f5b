/**
 * A body to be read by people, a field a line: JSON, or a form's fields decoded, with JSON in them. Null for what is
 * neither, or is so already.
 */
export function readable(body: string): string | null {
  const formatted = formatJson(body) ?? formatForm(body);
  return formatted === body ? null : formatted;
}

function formatJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

function formatForm(text: string): string | null {
  if (!/^[\w.[\]%]+=[^\s]*$/.test(text)) return null;
  return [...new URLSearchParams(text)]
    .map(([name, value]) => `${name} = ${formatJson(value) ?? value}`)
    .join('\n');
}
