declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  /** Of its options, those that are used (Swagger UI, "Configuration"). */
  interface Options {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly validatorUrl: string | null;
    readonly docExpansion: 'list' | 'full' | 'none';
    readonly defaultModelsExpandDepth: number;
    readonly persistAuthorization: boolean;
    readonly tryItOutEnabled: boolean;
    readonly requestSnippetsEnabled: boolean;
  }
  export default function SwaggerUIBundle(options: Options): unknown;
}
declare module '*.css';
