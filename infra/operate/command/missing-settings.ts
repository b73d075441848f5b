/** What the SDK lacks to ask AWS at all, and where it is set; null for any other error. */
export function missingSettings({ name, message }: Error): string | null {
  if (message.includes('Region is missing')) {
    return 'no AWS region: set AWS_REGION, or a region for the profile or the stage';
  }
  if (name === 'CredentialsProviderError') {
    return `no AWS credentials: log in, or set AWS_PROFILE (${message})`;
  }
  return null;
}
