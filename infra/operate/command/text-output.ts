/** Where a command writes, such as the terminal. */
export interface TextOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}
