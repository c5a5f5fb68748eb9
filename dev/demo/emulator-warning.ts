/** Removes the warning that a step talks to an emulator, which users don't see. */
export function withoutEmulatorWarning(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('This step talks to'))
    .join('\n')
    .trim()
}
