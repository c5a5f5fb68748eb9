/** Removes the warning that a step talks to an emulator: a page that shows what users see doesn't have it. */
export function withoutEmulatorWarning(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('This step talks to'))
    .join('\n')
    .trim()
}
