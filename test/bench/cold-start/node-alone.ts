import { createDecipheriv, createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { Agent, request } from 'node:https';

/**
 * The floor below which no function can come that does what a WeChat Pay callback must: a secret read, a signature
 * verified, a resource decrypted and an item written, by Node alone. No rule is checked, no failure handled.
 */

interface Secret {
  readonly apiv3_key: string;
  readonly public_keys: Readonly<Record<string, string>>;
}

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const { env } = process;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

function post(endpoint: string, service: string, target: string, body: string): Promise<string> {
  const url = new URL(endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [time.slice(0, 8), String(env['AWS_REGION']), service, 'aws4_request'];
  const names = 'host;x-amz-date;x-amz-target';
  const canonical = `POST\n/\n\nhost:${url.host}\nx-amz-date:${time}\nx-amz-target:${target}\n\n${names}\n${sha256(body)}`;
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${env['AWS_SECRET_ACCESS_KEY']}`);
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const headers = {
    host: url.host,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-date': time,
    'x-amz-target': target,
    authorization: `AWS4-HMAC-SHA256 Credential=${env['AWS_ACCESS_KEY_ID']}/${scope.join('/')}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`,
  };
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', headers, agent: new Agent({ keepAlive: true }) },
      (answer) => {
        let received = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => {
          received += part;
        });
        answer.on('end', () => resolve(received));
      },
    );
    call.on('error', reject).end(body);
  });
}

const secret = post(
  String(env['AWS_ENDPOINT_URL_SECRETS_MANAGER']),
  'secretsmanager',
  'secretsmanager.GetSecretValue',
  JSON.stringify({ SecretId: `settle/${env['STAGE']}/wechat` }),
).then((answer) => {
  const document: Secret = JSON.parse(JSON.parse(answer).SecretString);
  return {
    publicKey: createPublicKey(Object.values(document.public_keys)[0] ?? ''),
    apiv3Key: Buffer.from(document.apiv3_key),
  };
});

export async function handler({ headers, body }: Event): Promise<{ statusCode: number }> {
  const { publicKey, apiv3Key } = await secret;
  const signed = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${body}\n`;
  const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64');
  if (!verify('sha256', Buffer.from(signed), publicKey, signature)) return { statusCode: 401 };
  const { ciphertext, nonce, associated_data } = JSON.parse(body).resource;
  const sealed = Buffer.from(ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', apiv3Key, nonce)
    .setAAD(Buffer.from(associated_data))
    .setAuthTag(sealed.subarray(-16));
  const { out_trade_no, amount } = JSON.parse(
    `${decipher.update(sealed.subarray(0, -16))}${decipher.final()}`,
  );
  const answer = await post(
    String(env['AWS_ENDPOINT_URL_DYNAMODB']),
    'dynamodb',
    'DynamoDB_20120810.UpdateItem',
    JSON.stringify({
      TableName: env['TABLE_NAME'],
      Key: { pk: { S: `ORDER#${out_trade_no}` }, sk: { S: 'ORDER' } },
      UpdateExpression: 'SET #status = :paid',
      ConditionExpression: 'amount = :amount',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':paid': { S: 'paid' }, ':amount': { N: String(amount.total) } },
    }),
  );
  return { statusCode: answer.includes('__type') ? 500 : 200 };
}
