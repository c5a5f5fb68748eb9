/** Says each text the first time that it comes up, and is silent about it from then on. */
export function sayOnce(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (said.has(text)) return
    said.add(text)
    say(text)
  }
}
