import { capital, durationText } from '../basics/text.js'
import type { Step } from '../workflow/door.js'
import { markdownText } from '../workflow/plain-text.js'
import { markdownTable, withoutEmptyColumns } from '../workflow/summary.js'
import type { Reached } from './carry-out.js'
import { deleteCommand } from './commands.js'
import type { RestoreOutputName } from './interface.js'
import { isAt, type RestorePlan, type World } from './plan.js'
import type { Stage } from './stages.js'

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary'>

/** What has become of the stages so far; one that isn't in it has not been reached. */
export type Journal = ReadonlyMap<Stage, Reached>

/** Says what the step is going to do. */
export function logPlan(plan: RestorePlan, stages: readonly Stage[], { log }: Reporter): void {
  log.group(`Restore of snapshot "${plan.snapshotName}" in ${plan.region}`, [
    ...stages.map(({ toDo }, place) => `${place + 1}. ${toDo}`),
    ...plan.tags.map(({ key, value }) => `  tag ${value === undefined ? key : `${key} = ${value}`}`),
  ])
}

/** Says what an earlier attempt has left, and what a stop changes that nobody may expect. */
export function logBefore(plan: RestorePlan, { restored, instance }: World, { log }: Reporter): void {
  const { place, swap, diskName } = plan
  if (restored !== undefined) {
    log.notice(
      `The disk "${diskName}" is there already: an earlier attempt of this run restored it from snapshot "${plan.snapshotName}". It is used as it is now, and no second one is made.`,
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
  return already ? `${toDo}: there was nothing to do any more` : done
}

/** Says that all is done, and what is left to a person. */
export function logResult(plan: RestorePlan, journal: Journal, { log }: Reporter): void {
  const { region, place, swap } = plan
  const down = downMs(journal)
  if (down !== undefined) log.info(`The instance was down for ${durationText(down)}`)
  if (swap !== undefined) {
    log.info(
      `The previous disk "${swap.previousDiskName}" is kept and costs money until it is deleted: ${deleteCommand(region, swap.previousDiskName)}`,
    )
  } else if (place !== undefined) {
    log.info(
      `Inside instance "${place.instanceName}": "lsblk" lists the disk; mount its file system, such as: sudo mkdir -p /mnt/restored && sudo mount ${place.path} /mnt/restored (with the number of the partition where lsblk shows one)`,
    )
  }
  log.info(resultText(plan))
}

/** The one line that ends a step which went well. */
function resultText({ snapshotName, diskName, place, swap, sizeInGb }: RestorePlan): string {
  const disk = `Disk "${diskName}" (${sizeInGb} GB) is restored from snapshot "${snapshotName}"`
  if (place === undefined) return `${disk}, attached to nothing`
  const where = `attached to instance "${place.instanceName}" at ${place.path}`
  if (swap === undefined) return `${disk} and ${where}`
  const power = swap.wasRunning
    ? 'The instance is running'
    : 'The instance was stopped before, and is left so'
  return `${disk} and ${where}, in the place of disk "${swap.previousDiskName}". ${power}`
}

/** From the request that stopped the instance until it was seen running; undefined where this step did not do both. */
function downMs(journal: Journal): number | undefined {
  const found = (name: Stage['name']) => [...journal].find(([stage]) => stage.name === name)?.[1]
  const [stop, start] = [found('stop'), found('start')]
  if (stop?.acceptedAtMs === undefined || start?.acceptedAtMs === undefined) return undefined
  return start.reachedAtMs - stop.acceptedAtMs
}

/** Sets every output as it is known by now. Later values replace these. */
export function setOutputs(
  plan: RestorePlan,
  state: string,
  operationId: string | undefined,
  { setOutput }: Reporter,
): void {
  const values: Record<RestoreOutputName, string> = {
    'disk-name': plan.diskName,
    'operation-id': operationId ?? '',
    state,
    'snapshot-name': plan.snapshotName,
    'previous-disk-name': plan.swap?.previousDiskName ?? '',
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
}

/** Adds the result and the table of the stages to the job summary. */
export async function summarize(
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  { dryRun, failed }: { readonly dryRun: boolean; readonly failed: boolean },
  { appendSummary }: Reporter,
): Promise<void> {
  const rows = stages.map((stage) => {
    const reached = journal.get(stage)
    const open = dryRun ? 'dry run' : 'not reached'
    const state = reached === undefined ? open : reached.already ? 'done before' : 'done'
    const duration = reached === undefined || reached.already ? '' : durationText(reached.durationMs)
    return [{ text: capital(stage.toDo) }, { text: state }, { text: duration }]
  })
  const [heading, result] = resultOf(plan, dryRun, failed)
  await appendSummary(
    `### ${heading}\n\n${markdownText(result)}\n\n${markdownTable(...withoutEmptyColumns(['Stage', 'State', 'Duration'], rows))}`,
  )
}

/** The heading of the section in the job summary, and the sentence below it. A heading has no names: they can be long. */
function resultOf(plan: RestorePlan, dryRun: boolean, failed: boolean): [string, string] {
  const { diskName, snapshotName, sizeInGb, swap, place } = plan
  const disk = `Disk "${diskName}" (${sizeInGb} GB)`
  const from = `restored from snapshot "${snapshotName}"`
  if (dryRun) {
    return [
      ':mag: Dry run: the Lightsail disk can be restored',
      `${disk} would be ${from}. Nothing was changed.`,
    ]
  }
  if (failed) return [':x: The Lightsail disk restore is not complete', `${disk} was to be ${from}.`]
  const where = swap === undefined ? (place === undefined ? '' : ' and attached') : ' and swapped in'
  return [`:white_check_mark: Lightsail disk restored${where}: ${sizeInGb} GB`, `${resultText(plan)}.`]
}
