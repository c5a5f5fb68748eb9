import { type Copyable, Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { codeBlock, markdownText } from './escaping.js'

/** Further lines of a message appear only in the log. */
const mostLines = 10
/** Further commands for one purpose are only counted. */
const mostCommands = 20

/** Longer lines are cut: GitHub discards a summary above 1 MiB entirely. */
const longestLine = 4000

const whereToCopy = 'Commands and snippets to copy: in the log below, and in the job summary.'

/** What the job summary has of this step already. */
export interface SummaryState {
  readonly hasSection: boolean
  readonly isRehearsal: boolean
}

const failedHeading = '### :x: Lightsail: this step failed'
const notInAws = 'None of this exists in AWS. The commands below would act on your real account.'

const ownEmulator =
  'In a rehearsal, each job needs its own emulator/ step, and finds only what that step lists and what the job itself has created.'

/** Returns the failure as a rehearsal reports it: with a hint if something is missing that another job's emulator may have. */
export function withRehearsalHint(failure: Failure): Failure {
  const { message, advice, copyables, isMissing } = failure
  return isMissing ? new Failure(message, `${advice} ${ownEmulator}`, { cause: failure, copyables }) : failure
}

/** A warning in the job summary. */
export function cautionLine(text: string): string {
  return `:warning: ${summaryText(text)}`
}

/** Marks a step's section as that of a rehearsal. */
export function rehearsed(section: string): string {
  return section.replace(/^### (:\w+:) (?!Rehearsal)/, '### $1 Rehearsal: ')
}

/** The one annotation of a step that failed, its last line the advice, and the lines for the log after it: what to copy. */
export function failureLog({ message, advice, copyables }: Failure): {
  readonly annotation: string
  readonly rest: readonly string[]
} {
  const whatToDo = copyables.length === 0 ? advice : `${advice} ${whereToCopy}`.trim()
  return {
    annotation: `${message}\n${whatToDo}`,
    rest: copyables.flatMap(({ purpose, text }) => [
      `${purpose}:`,
      ...text.split('\n').map((line) => `  ${line}`),
    ]),
  }
}

/** The failure in the job summary: what happened, what to do, and what to copy for it, in GitHub's Markdown. */
export function failureSection(failure: Failure, { hasSection, isRehearsal }: SummaryState): string {
  const { message, advice, copyables } = failure
  const lines = message.split('\n')
  const left = lines.length - mostLines
  const what = lines.slice(0, mostLines).map(summaryText)
  if (left > 0) what.push(`${count(left, 'more line')} of this in the log.`)
  return [
    ...(hasSection ? [] : [isRehearsal ? rehearsed(failedHeading) : failedHeading]),
    `**What happened:** ${what.join('<br>')}`,
    `**What to do:** ${summaryText(advice)}`,
    ...(isRehearsal && copyables.length > 0 ? [`**Rehearsal:** ${notInAws}`] : []),
    ...copyables.map(toCopy),
  ].join('\n\n')
}

function summaryText(text: string): string {
  return markdownText(text.length > longestLine ? `${text.slice(0, longestLine)}... (more in the log)` : text)
}

function toCopy({ purpose, language, text }: Copyable): string {
  const lines = text.split('\n')
  const left = language === 'sh' ? lines.length - mostCommands : 0
  const shown = left > 0 ? [...lines.slice(0, mostCommands), `# and ${left} more`] : lines
  return `${markdownText(`${purpose}:`)}\n\n${codeBlock(shown.join('\n'), language)}`
}
