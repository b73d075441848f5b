/**
 * The text that Alipay signs: all parameters but `sign`, sorted by name, as `name=value` joined with `&`
 * (opendocs.alipay.com, "自行实现签名"). A notification is signed without its `sign_type`, a request with it.
 */
export function signedText(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
