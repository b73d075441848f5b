import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import type { Io } from '../../../../lib/io.ts';
import { withPlatformCertificates } from '../../../../lib/providers/wechat/certificates.ts';
import { receiveWechatMessage } from '../../../../lib/providers/wechat/message.ts';
import { requestWechat } from '../../../../lib/providers/wechat/request.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { rsaKeys } from '../../../support/rsa-keys.ts';
import { weakRsaKeys } from '../../../support/weak-rsa-keys.ts';
import {
  createWechatIo,
  createWechatParty,
  signWechatBody,
  type WechatAnswer,
} from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const start = Date.parse('2026-11-22T03:00:00Z');
const day_ms = 86_400_000;
const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
const platform = rsaKeys();
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });

interface Entry {
  readonly serial?: string;
  readonly named?: string;
  readonly validFrom?: number;
  readonly validUntil?: number;
  readonly effective_time?: string;
  readonly expire_time?: string;
  readonly publicKey?: typeof platform.publicKey;
  readonly sealedBy?: ReturnType<typeof createWechatParty>;
}

/** An entry as `/v3/certificates` has it, of the platform's certificate. */
function entry(options: Entry = {}) {
  const { validFrom = start - day_ms, validUntil = start + day_ms, sealedBy = party } = options;
  const pem = createCertificate({
    publicKey: options.publicKey ?? platform.publicKey,
    issuerKey: platform.privateKey,
    serial: options.serial ?? serial,
    validFrom,
    validUntil,
  });
  return {
    serial_no: options.named ?? options.serial ?? serial,
    effective_time: options.effective_time ?? '2026-11-21T11:00:00+08:00',
    expire_time: options.expire_time ?? '2026-11-23T11:00:00+08:00',
    encrypt_certificate: sealedBy.encrypt(pem, 'certificate'),
  };
}

/** The answer that carries entries, signed by the certificate that it carries. */
function certificatesAnswer(...data: readonly unknown[]): WechatAnswer {
  const text = JSON.stringify({ data });
  return { text, headers: signWechatBody(serial, platform.privateKey, text, start) };
}

/** WeChat answers the downloads so; everything else as `other`. */
function arrange(download: WechatAnswer | (() => WechatAnswer), other: WechatAnswer = {}) {
  let now = start;
  const isDownload = ({ url }: Request) => new URL(url).pathname === '/v3/certificates';
  const { io, calls } = createWechatIo(
    party,
    (request) => (!isDownload(request) ? other : typeof download === 'function' ? download() : download),
    start,
  );
  const timedIo = { ...io, now: () => now };
  return {
    config: withPlatformCertificates(config, timedIo),
    io: timedIo,
    downloads: () => calls.filter(isDownload),
    pass: (duration_ms: number) => {
      now += duration_ms;
    },
  };
}

const paid = party.transaction('mall-1', 1999);
const notice = party.signNotification(paid, { at: start });
const bySerial = (name: string, at = start) => {
  const headers = signWechatBody(name, platform.privateKey, notice.body.toString(), at);
  return { ...notice, headers: { ...notice.headers, ...headers } };
};
const unknownKey = expect.objectContaining({ name: 'VerificationError', reason: 'unknown_key' });

describe('a platform certificate', () => {
  it('is downloaded when a notification names it, and kept', async () => {
    const { config, io, downloads } = arrange(certificatesAnswer(entry()));
    const receive = receiveWechatMessage(config, io.now);
    expect(await receive(bySerial(serial))).toMatchObject({ type: 'succeeded', payment_no: 'mall-1' });
    await receive(bySerial(serial));
    expect(downloads()).toHaveLength(1);
    expect(downloads()[0]?.headers.get('authorization')).toMatch(/^WECHATPAY2-SHA256-RSA2048 mchid="/);
  });

  it('is downloaded when an answer to a call of ours names it', async () => {
    const text = '{"prepay_id":"wx1"}';
    const headers = signWechatBody(serial, platform.privateKey, text, start);
    const { config, io } = arrange(certificatesAnswer(entry()), { text, headers });
    const answer = await requestWechat(config, io, { method: 'GET', path: '/v3/x' });
    expect(answer).toEqual({ prepay_id: 'wx1' });
  });

  it('is not asked for while the keys of the document do', async () => {
    const { config, io, downloads } = arrange(certificatesAnswer(entry()));
    await receiveWechatMessage(config, io.now)(notice);
    expect(downloads()).toEqual([]);
  });

  it('may come in an answer that a key of the document signed', async () => {
    const { config } = arrange({ text: JSON.stringify({ data: [entry()] }) });
    expect(await config.publicKeys.get(serial)).toBeDefined();
  });

  it('is used no longer than it is valid', async () => {
    const { config, pass } = arrange(certificatesAnswer(entry({ validUntil: start + 60_000 })));
    pass(60_000);
    expect(await config.publicKeys.get(serial)).toBeDefined();
    pass(1);
    expect(await config.publicKeys.get(serial)).toBeUndefined();
  });

  it.each<[string, Entry]>([
    ['it begins to be valid', { validFrom: start }],
    ['its entry says that it begins', { effective_time: '2026-11-22T11:00:00+08:00' }],
    ['it is valid for the last time', { validUntil: start }],
    ['its entry says that it ends', { expire_time: '2026-11-22T11:00:00+08:00' }],
  ])('is used in the moment at which %s', async (_, options) => {
    const { config } = arrange(certificatesAnswer(entry(options)));
    expect(await config.publicKeys.get(serial)).toBeDefined();
  });

  it.each<[string, Entry]>([
    ['has expired', { validUntil: start - 1000 }],
    ['holds a short key', { publicKey: weakRsaKeys().keys.publicKey }],
    ['is not valid yet', { validFrom: start + 1000 }],
    ['has expired by its entry', { expire_time: '2026-11-22T10:59:59+08:00' }],
    ['is not valid yet by its entry', { effective_time: '2026-11-22T11:00:01+08:00' }],
    ['has no readable time', { expire_time: 'never' }],
    ['has another serial than its entry', { named: '6157F09EFDC096DE15EBE81A47057A7232F1B8E1' }],
    ['is not for RSA', { publicKey: elliptic.publicKey }],
    ['another APIv3 key encrypted', { sealedBy: createWechatParty() }],
  ])('is not taken when it %s', async (_, options) => {
    const text = JSON.stringify({ data: [entry(options)] });
    const { config, downloads } = arrange({ text });
    expect(await config.publicKeys.get(serial)).toBeUndefined();
    expect(await config.publicKeys.get(options.named ?? serial)).toBeUndefined();
    expect(downloads()).toHaveLength(1);
  });

  it('is taken from among entries that are no use', async () => {
    const useless = [null, 7, {}, { serial_no: serial }, entry({ validUntil: start - 1000 })];
    const { config } = arrange(certificatesAnswer(...useless, entry()));
    expect(await config.publicKeys.get(serial)).toBeDefined();
  });

  it('is not taken from an answer that an expired one signed', async () => {
    const other = entry({ serial: '4157F09E' });
    const { config } = arrange(certificatesAnswer(entry({ validUntil: start - 1000 }), other));
    expect(await config.publicKeys.get('4157F09E')).toBeUndefined();
    expect(await arrange(certificatesAnswer(entry(), other)).config.publicKeys.get('4157F09E')).toBeDefined();
  });
});

describe('the download', () => {
  it('happens once, whatever serials come at once', async () => {
    const { config, io, downloads } = arrange(certificatesAnswer(entry()));
    const receive = receiveWechatMessage(config, io.now);
    const serials = Array.from({ length: 10_000 }, (_, index) => (index + 1).toString(16).toUpperCase());
    const results = await Promise.allSettled(
      serials.map(async (name) =>
        receive({ ...notice, headers: { ...notice.headers, 'wechatpay-serial': name } }),
      ),
    );
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(downloads()).toHaveLength(1);
    expect(await config.publicKeys.get(serial)).toBeDefined();
  });

  it('happens again after the cooldown, and not before', async () => {
    const { config, downloads, pass } = arrange(certificatesAnswer());
    await config.publicKeys.get(serial);
    pass(299_999);
    await config.publicKeys.get(serial);
    expect(downloads()).toHaveLength(1);
    pass(1);
    await config.publicKeys.get(serial);
    expect(downloads()).toHaveLength(2);
  });

  it('keeps its cooldown when the document is read anew', async () => {
    const { io, calls } = createWechatIo(party, certificatesAnswer(), start);
    for (let reading = 0; reading < 3; reading++) {
      await withPlatformCertificates(parseWechatDocument(party.document), io).publicKeys.get(serial);
    }
    expect(calls).toHaveLength(1);
  });

  it('is told apart by merchant, and keeps the cooldowns of a thousand of them', async () => {
    const { io, calls } = createWechatIo(party, certificatesAnswer(), start);
    const ask = (mchid: string) => withPlatformCertificates({ ...config, mchid }, io).publicKeys.get(serial);
    await ask('first');
    for (let other = 1; other < 1_000; other++)
      withPlatformCertificates({ ...config, mchid: `${other}` }, io);
    await ask('first');
    expect(calls).toHaveLength(1);
    await ask('second');
    expect(calls).toHaveLength(2);
    for (let other = 1; other < 1_000; other++)
      withPlatformCertificates({ ...config, mchid: `${other}` }, io);
    await ask('first');
    expect(calls).toHaveLength(3);
  });

  it('keeps longest the cooldown of the merchant that was asked for last', async () => {
    const { io, calls } = createWechatIo(party, certificatesAnswer(), start);
    const ask = (mchid: string) => withPlatformCertificates({ ...config, mchid }, io).publicKeys.get(serial);
    await ask('first');
    for (let other = 1; other < 1_000; other++)
      withPlatformCertificates({ ...config, mchid: `${other}` }, io);
    await ask('first');
    withPlatformCertificates({ ...config, mchid: '1000' }, io);
    await ask('first');
    expect(calls).toHaveLength(1);
  });

  it.each(['PUB_KEY_ID_0114232134912410000000000000', '__proto__', '5157f09e', 'F'.repeat(41)])(
    'does not happen for %s, which names no certificate',
    async (name) => {
      const { config, downloads } = arrange(certificatesAnswer(entry()));
      expect(await config.publicKeys.get(name)).toBeUndefined();
      expect(downloads()).toEqual([]);
    },
  );

  it.each<[string, WechatAnswer | (() => WechatAnswer)]>([
    ['finds none, as with a public key', { status: 404, text: '{"code":"RESOURCE_NOT_EXISTS"}' }],
    ['is refused', { status: 401, text: '{"code":"SIGN_ERROR"}' }],
    ['meets an error', { status: 500, text: '{"code":"SYSTEM_ERROR"}' }],
    ['gets no JSON', { text: '<html>' }],
    ['gets no list', { text: '{"data":{}}' }],
    [
      'gets no connection',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
    ['gets an answer without a signature', { ...certificatesAnswer(entry()), headers: unsigned() }],
    ['gets an answer by another key', forged(certificatesAnswer(entry()))],
    ['gets an answer of ten minutes ago', old(certificatesAnswer(entry()))],
  ])('that %s leaves the key unknown', async (_, answer) => {
    const { config, io } = arrange(answer);
    await expect(receiveWechatMessage(config, io.now)(bySerial(serial))).rejects.toThrow(unknownKey);
  });

  it('that hangs is given up in time for the callback to be answered', async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const durations: number[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((duration_ms) => {
      durations.push(duration_ms);
      return timeout(duration_ms / 100);
    });
    const { io } = arrange({});
    const hanging: Io = {
      ...io,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    };
    const { publicKeys } = withPlatformCertificates(config, hanging);
    expect(await publicKeys.get(serial)).toBeUndefined();
    expect(durations).toEqual([1500]);
  });

  it('that fails leaves known what was known', async () => {
    const answers = [certificatesAnswer(entry()), { status: 500 }, { status: 404, headers: unsigned() }];
    const { config, downloads, pass } = arrange(() => answers.shift() ?? {});
    await config.publicKeys.get(serial);
    for (const attempt of [2, 3]) {
      pass(300_000);
      await config.publicKeys.get('AA');
      expect(downloads()).toHaveLength(attempt);
      expect(await config.publicKeys.get(serial)).toBeDefined();
    }
  });

  it.each<[string, WechatAnswer]>([
    ['none', { status: 404 }],
    ['an empty list', { text: '{"data":[]}' }],
    ['no list', { text: '{"data":{}}' }],
  ])('that finds %s forgets what was known', async (_, none) => {
    const answers = [certificatesAnswer(entry()), none];
    const { config, pass } = arrange(() => answers.shift() ?? {});
    await config.publicKeys.get(serial);
    pass(300_000);
    await config.publicKeys.get('AA');
    expect(await config.publicKeys.get(serial)).toBeUndefined();
  });
});

function unsigned() {
  return Object.fromEntries(
    ['serial', 'timestamp', 'nonce', 'signature'].map((name) => [`wechatpay-${name}`, undefined]),
  );
}

/** Signed by somebody else in the name of the certificate that the answer carries. */
function forged({ text = '' }: WechatAnswer): WechatAnswer {
  const other = rsaKeys();
  return { text, headers: signWechatBody(serial, other.privateKey, text, start) };
}

function old({ text = '' }: WechatAnswer): WechatAnswer {
  return {
    text,
    headers: signWechatBody(serial, platform.privateKey, text, start - 600_000),
  };
}
