// Line and paragraph ends, terminal control characters, and the marks that turn the direction of writing.
const steering = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** Text from outside as one line without control characters. */
export function oneLine(text: string): string {
  return text.replace(steering, ' ').trim()
}

/**
 * A line for the log that the runner can't take for a workflow command. It looks for `::` at the start of a line, after
 * any space, and for `##[` anywhere in it (actions/runner, ActionCommand.cs).
 */
export function logLine(text: string): string {
  return text
    .replace(steering, ' ')
    .trimEnd()
    .replace(/##(?=\[)/g, '# #')
    .replace(/^(\s*):(?=:)/, '$1: ')
}

// What can begin emphasis, code, a link, an entity, HTML, a table cell, a mention, a reference, a formula or a bare link.
const markdownSyntax = /[\\`*_[\]<>&#|~@$]|:(?=\/\/)|(?<=www)\./gi

/** Text from outside for the middle of a Markdown line: one line, in which nothing means anything but itself. */
export function markdownText(text: string): string {
  return oneLine(text).replace(markdownSyntax, (character) => `&#${character.charCodeAt(0)};`)
}
