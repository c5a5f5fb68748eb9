// Line and paragraph ends, terminal control characters, and marks that change the direction of writing.
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu

/** Text from outside as one line without control characters. */
export function oneLine(text: string): string {
  return text.replace(steering, ' ').trim()
}

/**
 * A log line that the runner can't mistake for a workflow command. The runner looks for `::` at the start of a line, after
 * any space, and for `##[` anywhere in it (actions/runner, ActionCommand.cs). The log's viewer looks for `##[` too.
 */
export function logLine(text: string): string {
  return text
    .replace(steering, ' ')
    .trimEnd()
    .replace(/##(?=\[)/g, '# #')
    .replace(/^(\s*):(?=:)/, '$1: ')
}

// Characters that can begin emphasis, code, a link, an entity, HTML or a table cell.
const markdownSyntax = /[\\`*_[\]<>&|~]/
// Characters that GitHub acts on in the rendered text, where entities are decoded: mentions, references, formulas,
// addresses, bare links, emoji codes. A tag around the character prevents that: GitHub's own advice for `$`.
const referenceSyntax = /[@#$]|:(?=\/\/|[\w+-]+:)|(?<=www)\.|(?<=\bgh)-(?=\d)/
const markdownActive = new RegExp(`(${markdownSyntax.source})|${referenceSyntax.source}`, 'gi')

/** Text from outside for the middle of a Markdown line: one line without any markup. */
export function markdownText(text: string): string {
  return oneLine(text).replace(markdownActive, (character, syntax?: string) =>
    syntax === undefined ? `<span>${character}</span>` : `&#${character.charCodeAt(0)};`,
  )
}

/** Text from outside as a code block in Markdown. None of its lines ends the block. */
export function codeBlock(text: string, language: string): string {
  const lines = text.split('\n').map((line) => line.replace(steering, ' ').trimEnd())
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = '`'.repeat(runs.reduce((most, { length }) => Math.max(most, length + 1), 3))
  return [`${fence}${language}`, ...lines, fence].join('\n')
}
