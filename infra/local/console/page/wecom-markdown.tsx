import type { ComponentChildren } from 'preact';

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|<font color="(info|comment|warning)">(.*?)<\/font>/;

/** A group robot's markdown as WeCom shows it: what it knows becomes elements, all else stays text. */
export function WecomMarkdown({ content }: { readonly content: string }) {
  return (
    <div class="bubble">
      {content.split('\n').map((line, index) => {
        const key = `${index} ${line}`;
        return line.startsWith('> ') ? (
          <blockquote key={key}>{inline(line.slice(2))}</blockquote>
        ) : (
          <p key={key}>{inline(line)}</p>
        );
      })}
    </div>
  );
}

function inline(text: string): ComponentChildren {
  const match = INLINE.exec(text);
  if (!match) return text;
  const [all, bold, code, colour, coloured = ''] = match;
  return (
    <>
      {text.slice(0, match.index)}
      {bold !== undefined && <strong>{inline(bold)}</strong>}
      {code !== undefined && <code>{code}</code>}
      {colour !== undefined && <span class={`font-${colour}`}>{inline(coloured)}</span>}
      {inline(text.slice(match.index + all.length))}
    </>
  );
}
