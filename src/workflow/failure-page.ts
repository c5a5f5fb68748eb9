import type { Copyable, Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { codeBlock, markdownText } from './plain-text.js'

/** More lines of what happened than these are in the log alone. */
const mostLines = 10
/** More commands for one purpose than these are counted. */
const mostCommands = 20

/** What a failure is in the job summary: what happened, what to do, and what is to be copied for it, in GitHub's Markdown. */
export function failurePage(failure: Failure, hasSection: boolean): string {
  const { message, pageAdvice, copyables } = failure
  const lines = message.split('\n')
  const left = lines.length - mostLines
  const what = lines.slice(0, mostLines).map(markdownText)
  if (left > 0) what.push(`${count(left, 'more line')} of this in the log.`)
  return [
    ...(hasSection ? [] : ['### :x: Lightsail: this step failed']),
    `**What happened:** ${what.join('<br>')}`,
    `**What to do:** ${markdownText(pageAdvice)}`,
    ...copyables.map(toCopy),
  ].join('\n\n')
}

function toCopy({ purpose, language, text }: Copyable): string {
  const lines = text.split('\n')
  const left = language === 'sh' ? lines.length - mostCommands : 0
  const shown = left > 0 ? [...lines.slice(0, mostCommands), `# and ${left} more`] : lines
  return `${markdownText(`${purpose}:`)}\n\n${codeBlock(shown.join('\n'), language)}`
}
