import type { Copyable, Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { codeBlock, markdownText } from './escaping.js'

/** More lines of what happened than these are in the log alone. */
const mostLines = 10
/** More commands for one purpose than these are counted. */
const mostCommands = 20

/** What the job summary has of this step already, and where. */
export interface PageState {
  readonly hasSection: boolean
  readonly isRehearsal: boolean
}

const failedHeading = '### :x: Lightsail: this step failed'
const notInAws = 'Nothing of this is in AWS: what is to be copied here would reach the real account.'

/** A step's section with a word on what it isn't. */
export function rehearsed(section: string): string {
  return section.replace(/^### (:\w+:) (?!Rehearsal)/, '### $1 Rehearsal: ')
}

/** What a failure is in the job summary: what happened, what to do, and what is to be copied for it, in GitHub's Markdown. */
export function failurePage(failure: Failure, { hasSection, isRehearsal }: PageState): string {
  const { message, pageAdvice, copyables } = failure
  const lines = message.split('\n')
  const left = lines.length - mostLines
  const what = lines.slice(0, mostLines).map(markdownText)
  if (left > 0) what.push(`${count(left, 'more line')} of this in the log.`)
  return [
    ...(hasSection ? [] : [isRehearsal ? rehearsed(failedHeading) : failedHeading]),
    `**What happened:** ${what.join('<br>')}`,
    `**What to do:** ${markdownText(pageAdvice)}`,
    ...(isRehearsal && copyables.length > 0 ? [`**Rehearsal:** ${notInAws}`] : []),
    ...copyables.map(toCopy),
  ].join('\n\n')
}

function toCopy({ purpose, language, text }: Copyable): string {
  const lines = text.split('\n')
  const left = language === 'sh' ? lines.length - mostCommands : 0
  const shown = left > 0 ? [...lines.slice(0, mostCommands), `# and ${left} more`] : lines
  return `${markdownText(`${purpose}:`)}\n\n${codeBlock(shown.join('\n'), language)}`
}
