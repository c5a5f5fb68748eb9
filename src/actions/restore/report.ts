import { capital, durationText } from '../../basics/text.js'
import type { Step } from '../../github/entry-point.js'
import { codeBlock, markdownText } from '../../github/escaping.js'
import { setOutputs } from '../../github/outputs.js'
import { markdownTable, withoutEmptyColumns } from '../../github/summary.js'
import { monthlyPrice } from '../../lightsail/prices.js'
import type { Reached } from '../../rollback/carry-out.js'
import { deleteCommand } from '../../rollback/commands.js'
import {
  isAt,
  type Place,
  type Repair,
  type RestorePlan,
  type Swap,
  type World,
} from '../../rollback/plan.js'
import type { Stage } from '../../rollback/stages.js'

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary'>

/** What has become of the stages so far; one that isn't in it has not been reached. */
export type Journal = ReadonlyMap<Stage, Reached>

/** Says what the step is going to do. */
export function logPlan(plan: RestorePlan, stages: readonly Stage[], { log }: Reporter): void {
  log.group(`Restore of snapshot "${plan.snapshot.name}" in ${plan.region}`, [
    ...plan.repairs.map(repairText),
    ...stages.map(({ toDo }, index) => `${index + 1}. ${toDo}`),
    ...plan.tags.map(({ key, value }) => `  tag ${value === undefined ? key : `${key} = ${value}`}`),
  ])
}

function repairText({ kind, disk, place, swap }: Repair): string {
  return kind === 'record'
    ? `first: record that disk "${disk.name}" replaced disk "${swap.previousDiskName}"`
    : `first: get instance "${place.instanceName}" running, which an unfinished swap to disk "${disk.name}" stopped`
}

/** Says what an earlier step has left, and what a stop changes that nobody may expect. */
export function logBefore(plan: RestorePlan, { restored, instance }: World, { log }: Reporter): void {
  const { place, swap, diskName, snapshot } = plan
  if (swap?.isResumed) {
    log.notice(
      `An earlier step began to put disk "${diskName}" from snapshot "${snapshot.name}" in the place of disk "${swap.previousDiskName}" and didn't finish. This step finishes it.`,
    )
  } else if (restored !== undefined) {
    log.notice(
      `Disk "${diskName}" already exists: this run restored it from snapshot "${snapshot.name}". Using it instead of creating another.`,
    )
  }
  if (place === undefined || swap === undefined || !swap.wasRunning || isAt(restored, place)) return
  if (instance?.state !== 'running' || instance.hasStaticIp) return
  log.warning(
    `Instance "${instance.name}" has no static IP address: it gets another public address when it is stopped and started.`,
  )
}

/** Says that a stage has been reached. */
export function logReached(stage: Stage, reached: Reached, { log }: Reporter): void {
  const text = capital(reachedText(stage, reached))
  log.info(reached.already ? text : `${text} (${durationText(reached.durationMs)})`)
}

/** What has been reached, in words. */
export function reachedText({ toDo, done }: Stage, { already }: Reached): string {
  return already ? `already done: ${toDo}` : done
}

/** Says that all is done, and what is left to a person. */
export function logResult(
  plan: RestorePlan,
  journal: Journal,
  world: World,
  { log }: Pick<Step, 'log'>,
): void {
  const down = downMs(journal)
  if (down !== undefined) log.info(`The instance was down for ${durationText(down)}`)
  log.info(resultText(plan))
  const { swap, place } = plan
  if (swap !== undefined) {
    log.info(`To delete the previous disk: ${deleteCommand(plan.region, swap.previousDiskName)}`)
    log.notice(`${sentencesAfterSwap(plan, swap, world).join(' ')}`)
  } else if (place !== undefined) log.info(mountAdvice(place))
}

/** What a person has to know after a swap: the disk in use, the previous one, what it costs, and that no workflow changes. */
function sentencesAfterSwap({ diskName }: RestorePlan, swap: Swap, { previous }: World): string[] {
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

function mountAdvice({ instanceName, path }: Place): string {
  return `Inside instance "${instanceName}", mount it read-only: sudo mkdir -p /mnt/restored && sudo mount -o ro,noload ${path} /mnt/restored (ext4; for XFS: -o ro,norecovery,nouuid; lsblk -f lists the device and its partitions). Its file system has the UUID of the original: don't reboot the instance while both are attached, least of all with a copy of a system disk.`
}

/** The one line that ends a step which went well. */
function resultText({ snapshot, diskName, place, swap, sizeInGb }: RestorePlan): string {
  const disk = `Disk "${diskName}" (${sizeInGb} GB) is restored from snapshot "${snapshot.name}"`
  if (place === undefined) return `${disk}, attached to nothing`
  const where = `attached to instance "${place.instanceName}" at ${place.path}`
  if (swap === undefined) return `${disk} and ${where}`
  const power = swap.wasRunning
    ? 'The instance is running'
    : 'The instance was stopped before, and is left so'
  return `${disk} and ${where}, in the place of disk "${swap.previousDiskName}". ${power}`
}

/** From the request that stopped the instance until it was seen running; undefined if this step did not do both. */
function downMs(journal: Journal): number | undefined {
  const found = (name: Stage['name']) => [...journal].find(([stage]) => stage.name === name)?.[1]
  const [stop, start] = [found('stop'), found('start')]
  if (stop?.acceptedAtMs === undefined || start?.acceptedAtMs === undefined) return undefined
  return start.reachedAtMs - stop.acceptedAtMs
}

/** Sets every output as it is known by now. Later values replace these. */
export function setRestoreOutputs(
  plan: RestorePlan,
  state: string,
  operationId: string | undefined,
  step: Reporter,
): void {
  setOutputs<'restore'>(step, {
    'disk-name': plan.diskName,
    'operation-id': operationId ?? '',
    state,
    'snapshot-name': plan.snapshot.name,
    'previous-disk-name': plan.swap?.previousDiskName ?? '',
  })
}

/** How a restore ended, for the job summary. */
export interface RestoreEnd {
  readonly end: 'dry run' | 'failed' | 'done'
  readonly world: World
  /** How the site is after a failure, if that is what matters most. */
  readonly site?: string | undefined
}

/** Adds the result, what is left to do, and the table of the stages to the job summary. */
export async function summarize(
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  { end, world, site }: RestoreEnd,
  { appendSummary }: Reporter,
): Promise<void> {
  const rows = stages.map((stage) => {
    const reached = journal.get(stage)
    const open = end === 'dry run' ? 'dry run' : 'not reached'
    const state = reached === undefined ? open : reached.already ? 'already done' : 'done'
    const duration = reached === undefined || reached.already ? '' : durationText(reached.durationMs)
    return [{ text: capital(stage.toDo) }, { text: state }, { text: duration }]
  })
  const [heading, result] = resultOf(plan, end)
  const parts = [
    `### ${heading}`,
    site === undefined ? '' : `**${markdownText(site)}**`,
    markdownText(result),
    end === 'done' ? afterwards(plan, world) : '',
    markdownTable(...withoutEmptyColumns(['Stage', 'State', 'Duration'], rows)),
  ]
  await appendSummary(parts.filter(Boolean).join('\n\n'))
}

/** What is left to a person after a restore that went well. */
function afterwards(plan: RestorePlan, world: World): string {
  const { region, swap, place } = plan
  if (swap === undefined) return place === undefined ? '' : markdownText(mountAdvice(place))
  const sentences = sentencesAfterSwap(plan, swap, world).map((sentence) => `- ${markdownText(sentence)}`)
  const command = codeBlock(deleteCommand(region, swap.previousDiskName), 'sh')
  return [
    sentences.join('\n'),
    ...(world.previous === undefined
      ? []
      : [`When nobody needs the previous disk any more, delete it:\n\n${command}`]),
  ].join('\n\n')
}

/** The heading of the section in the job summary, and the sentence below it. A heading has no names: they can be long. */
function resultOf(plan: RestorePlan, end: RestoreEnd['end']): [string, string] {
  const { diskName, snapshot, sizeInGb, swap, place } = plan
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
  const where = place === undefined ? '' : ' and attached'
  return [`:white_check_mark: Lightsail disk restored${where}: ${sizeInGb} GB`, `${resultText(plan)}.`]
}
