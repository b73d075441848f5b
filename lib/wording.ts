/** What is said to a client, in each language that it may ask for. */
export interface Wording {
  readonly zh: string;
  readonly en: string;
}

/** Says it of something that has a name. */
export const wordingAbout = (name: string, { zh, en }: Wording): Wording => ({
  zh: `${name} ${zh}`,
  en: `${name} ${en}`,
});

export const joinWordings = (wordings: readonly Wording[]): Wording => ({
  zh: wordings.map(({ zh }) => zh).join('；'),
  en: wordings.map(({ en }) => en).join('; '),
});
