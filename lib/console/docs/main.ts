import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './styles.css';

document.documentElement.classList.toggle('dark-mode', matchMedia('(prefers-color-scheme: dark)').matches);

/** The reference of the API, to look at and to try: with a token that is pasted and forgotten with the page. */
SwaggerUIBundle({
  url: '/docs/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  // Else it asks a service of its makers whether the document is valid.
  validatorUrl: null,
  docExpansion: 'list',
  defaultModelsExpandDepth: -1,
  persistAuthorization: false,
  tryItOutEnabled: true,
  requestSnippetsEnabled: true,
});
