import { escapeHtml } from '../http.ts';
import { people } from './people.ts';

const head = `<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in · simulated issuer</title>
</head>`;

/** Asks who to be; each choice leads back with what was asked for. @param query of the request to sign in */
export function authorizePage(query: URLSearchParams): string {
  const link = (choice: string, label: string) =>
    `<li><a href="authorize/${choice}?${escapeHtml(String(query))}">${escapeHtml(label)}</a></li>`;
  const choices = Object.entries(people).map(([person, { name }]) => link(person, name));
  return `${head}
<body>
<main>
<h1>Simulated issuer</h1>
<p>Who signs in to ${escapeHtml(query.get('client_id') ?? '')}?</p>
<ul>
${choices.join('\n')}
${link('nobody', 'Nobody: refuse')}
</ul>
</main>
</body>
</html>`;
}

/** @param parameter that is not the client's */
export const refusalPage = (parameter: string): string => `${head}
<body>
<main>
<h1>Simulated issuer</h1>
<p>No such client: its ${escapeHtml(parameter)} is not known here.</p>
</main>
</body>
</html>`;
