import { Failure } from '../../basics/failure.js'
import { durationText } from '../../basics/text.js'
import { runAgain } from '../../domain/next-steps.js'
import type { Step } from '../../github/entry-point.js'
import { codeBlock, markdownText } from '../../github/escaping.js'
import { setOutputs } from '../../github/outputs.js'
import type { Run } from '../../github/run-context.js'
import { monthlyPrice } from '../../lightsail/prices.js'
import { mayBeDown, siteAfter } from '../../rollback/bring-back.js'
import {
  commandsByHand,
  deleteCommand,
  deleteFailed,
  lostDisk,
  mountAdvice,
} from '../../rollback/commands.js'
import { ChangeFailure } from '../../rollback/exchange.js'
import { isAt, type Repair, type Resources, type RestorePlan, type Swap } from '../../rollback/plan.js'
import { siteLines, statesText } from '../../rollback/site.js'
import { downMs, type Journal, type Stage, StageFailure } from '../../rollback/stage.js'

import { reachedText, stagesTable } from './stages.js'

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary'>

/** Logs what the step will do. */
export function logPlan(plan: RestorePlan, stages: readonly Stage[], { log }: Reporter): void {
  log.group(`Restore of snapshot "${plan.snapshot.name}" in ${plan.region}`, [
    ...plan.repairs.map(repairText),
    ...stages.map(({ toDo }, index) => `${index + 1}. ${toDo}`),
    ...plan.tags.map(({ key, value }) => `  tag ${value === undefined ? key : `${key} = ${value}`}`),
  ])
}

function repairText({ kind, disk, attachment, swap }: Repair): string {
  return kind === 'record'
    ? `first: record that disk "${disk.name}" replaced disk "${swap.previousDiskName}"`
    : `first: get instance "${attachment.instanceName}" running, which an unfinished swap to disk "${disk.name}" stopped`
}

/** Says what an earlier step left, and warns of a changing IP address. */
export function logBefore(plan: RestorePlan, { restored, instance }: Resources, { log }: Reporter): void {
  const { attachment, swap, diskName, snapshot } = plan
  if (swap?.isResumed) {
    log.notice(
      `An earlier step began to put disk "${diskName}" from snapshot "${snapshot.name}" in the place of disk "${swap.previousDiskName}" and didn't finish. This step finishes it.`,
    )
  } else if (restored !== undefined) {
    log.notice(
      `Disk "${diskName}" already exists: this run restored it from snapshot "${snapshot.name}". Using it instead of creating another.`,
    )
  }
  if (attachment === undefined || swap === undefined || !swap.wasRunning || isAt(restored, attachment)) return
  if (instance?.state !== 'running' || instance.hasStaticIp) return
  log.warning(
    `Instance "${instance.name}" has no static IP address: it gets another public address when it is stopped and started.`,
  )
}

/** Logs the result, and what is left for a person to do. */
export function logResult(
  plan: RestorePlan,
  journal: Journal,
  resources: Resources,
  { log }: Pick<Step, 'log'>,
): void {
  const down = downMs(journal)
  if (down !== undefined) log.info(`The instance was down for ${durationText(down)}`)
  log.info(resultText(plan))
  const { swap, attachment } = plan
  if (swap !== undefined) {
    log.info(`To delete the previous disk: ${deleteCommand(plan.region, swap.previousDiskName)}`)
    log.notice(`${sentencesAfterSwap(plan, swap, resources).join(' ')}`)
  } else if (attachment !== undefined) log.info(mountAdvice(attachment))
}

/** What a person has to know after a swap: the disk in use, the previous one and its price, and that no workflow changes. */
function sentencesAfterSwap({ diskName }: RestorePlan, swap: Swap, { previous }: Resources): string[] {
  const size = previous?.sizeInGb
  const price = size == null ? '' : `, and costs about ${monthlyPrice(size, 'disk')} a month`
  return [
    `In use: disk "${diskName}".`,
    previous === undefined
      ? `The previous disk "${swap.previousDiskName}" no longer exists.`
      : `The previous disk "${swap.previousDiskName}" is kept as it was${price} until you delete it.`,
    `No workflow needs editing: disk-name "${swap.original.name}" now means disk "${diskName}".`,
  ]
}

/** Logs the last line of a step that succeeded. */
function resultText({ snapshot, diskName, attachment, swap, sizeInGb }: RestorePlan): string {
  const disk = `Disk "${diskName}" (${sizeInGb} GB) is restored from snapshot "${snapshot.name}"`
  if (attachment === undefined) return `${disk}, attached to nothing`
  const where = `attached to instance "${attachment.instanceName}" at ${attachment.path}`
  if (swap === undefined) return `${disk} and ${where}`
  const power = swap.wasRunning
    ? 'The instance is running'
    : 'The instance was stopped before and stays stopped'
  return `${disk} and ${where}, in the place of disk "${swap.previousDiskName}". ${power}`
}

/** Sets every output as far as it is known. Later values replace these. */
export function setRestoreOutputs(
  plan: RestorePlan,
  state: string,
  operationId: string | undefined,
  step: Reporter,
): void {
  setOutputs<'restore'>(step, {
    'disk-name': plan.diskName,
    'instance-name': '',
    'operation-id': operationId ?? '',
    state,
    'snapshot-name': plan.snapshot.name,
    'previous-disk-name': plan.swap?.previousDiskName ?? '',
    'previous-instance-name': '',
    'ip-address': '',
  })
}

/** The result of a restore, for the job summary. */
interface RestoreEnd {
  readonly end: 'dry run' | 'failed' | 'done'
  readonly resources: Resources
  /** The state of the site after a failure, if that matters most. */
  readonly site?: string | undefined
}

/** Adds the result, what is left to do, and the table of the stages to the job summary. */
export async function summarize(
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  { end, resources, site }: RestoreEnd,
  { appendSummary }: Reporter,
): Promise<void> {
  const [heading, result] = resultOf(plan, end)
  const parts = [
    `### ${heading}`,
    site === undefined ? '' : `**${markdownText(site)}**`,
    markdownText(result),
    end === 'done' ? afterwards(plan, resources) : '',
    stagesTable(stages, journal, end === 'dry run'),
  ]
  await appendSummary(parts.filter(Boolean).join('\n\n'))
}

/** What is left for a person to do after a successful restore. */
function afterwards(plan: RestorePlan, resources: Resources): string {
  const { region, swap, attachment } = plan
  if (swap === undefined) return attachment === undefined ? '' : markdownText(mountAdvice(attachment))
  const sentences = sentencesAfterSwap(plan, swap, resources).map((sentence) => `- ${markdownText(sentence)}`)
  const command = codeBlock(deleteCommand(region, swap.previousDiskName), 'sh')
  return [
    sentences.join('\n'),
    ...(resources.previous === undefined
      ? []
      : [`When the previous disk is no longer needed, delete it:\n\n${command}`]),
  ].join('\n\n')
}

/** Returns the heading of the section, and the sentence below it. The heading has no names: they can be long. */
function resultOf(plan: RestorePlan, end: RestoreEnd['end']): [string, string] {
  const { diskName, snapshot, sizeInGb, swap, attachment } = plan
  const disk = `Disk "${diskName}" (${sizeInGb} GB)`
  const from = `restored from snapshot "${snapshot.name}"`
  if (end === 'dry run') {
    return [
      ':mag: Dry run: the Lightsail disk can be restored',
      `${disk} would be ${from}. Nothing was changed.`,
    ]
  }
  if (end === 'failed')
    return [':x: The Lightsail disk restore is not complete', `${disk} was to be ${from}.`]
  if (swap !== undefined) {
    return [
      `:white_check_mark: Rolled back: Lightsail disk restored and swapped in, ${sizeInGb} GB`,
      `${resultText(plan)}.`,
    ]
  }
  const where = attachment === undefined ? '' : ' and attached'
  return [`:white_check_mark: Lightsail disk restored${where}: ${sizeInGb} GB`, `${resultText(plan)}.`]
}

/** Returns the failure with everything a person has to know: what was done, the state of the resources, what to do next. */
export function withReport(
  failure: Failure,
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  {
    resources,
    isKnown,
    run,
  }: { readonly resources: Resources; readonly isKnown: boolean; readonly run: Run },
): Failure {
  const done = [...journal].map(([stage, reached]) => reachedText(stage, reached))
  const left = stages.filter((stage) => !journal.has(stage))
  // Once the site was brought back, nothing is in progress any more.
  const sent = failure instanceof StageFailure ? failure.sent : 'no'
  // Something else works on the same things: more commands would do harm.
  const byHand =
    failure instanceof ChangeFailure
      ? { copyables: [], hint: '' }
      : commandsByHand(plan, stages, left[0], sent, resources)
  const message = [
    ...siteLines(siteAfter(failure), plan, resources, !isKnown && mayBeDown(failure)),
    failure.message,
    `Done: ${done.join('; ') || 'nothing'}.`,
    `Left: ${left.map(({ toDo }) => toDo).join('; ')}.`,
    `${isKnown ? 'Now' : 'When last seen'}: ${statesText(plan, resources)}`,
  ]
  const lost = lostDisk(plan, resources)
  const advice = [failure.advice, lost === undefined ? again : anew, byHand.hint, 'Nothing was deleted.']
  return new Failure(message.join('\n'), advice.filter(Boolean).join(' '), {
    cause: failure,
    copyables: [
      ...failure.copyables,
      ...(lost === undefined ? [] : [deleteFailed(plan.region, lost)]),
      runAgain(run),
      ...byHand.copyables,
    ],
  })
}

const again = 'Rerun the failed job: it resumes where this one stopped and creates no second disk.'

const anew =
  "The restored disk failed and can't be used. Delete it and rerun the failed job, which creates a new one."
