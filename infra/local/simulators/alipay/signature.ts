/**
 * The text that Alipay signs: all parameters but those left out, sorted by name, as `name=value` joined with `&`
 * (opendocs.alipay.com, "自行实现签名"). A request leaves out `sign` alone, a notification `sign_type` as well.
 */
export function signedText(
  parameters: Iterable<readonly [string, string]>,
  leftOut: readonly string[],
): string {
  return [...parameters]
    .filter(([name, value]) => !leftOut.includes(name) && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
