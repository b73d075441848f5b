/** Where a command writes, such as the terminal. */
export interface TextOutput {
  write(text: string): unknown;
}
