import { Failure } from '../../basics/failure.js'
import { runAgain } from '../../domain/next-steps.js'
import type { Step } from '../../github/entry-point.js'
import { codeBlock, markdownText } from '../../github/escaping.js'
import { setOutputs } from '../../github/outputs.js'
import type { Run } from '../../github/run-context.js'
import { awsCommand } from '../../lightsail/commands.js'
import { inTurn, startCommand } from '../../rollback/commands.js'
import { ChangeFailure } from '../../rollback/exchange.js'
import type { InstancePlan, InstanceResources } from '../../rollback/instance-plan.js'
import { instanceStatesText } from '../../rollback/instance-site.js'
import { attachIpCommand } from '../../rollback/instance-stages.js'
import type { InstanceSwap } from '../../rollback/plan.js'
import { recordCommands } from '../../rollback/record.js'
import type { Command, Journal, Stage } from '../../rollback/stage.js'
import { reachedText, stagesTable } from './stages.js'

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary'>
type InstanceStage = Stage<InstanceResources>
type InstanceJournal = Journal<InstanceResources>

/** Logs what the step will do. */
export function logInstancePlan(
  plan: InstancePlan,
  stages: readonly InstanceStage[],
  { log }: Reporter,
): void {
  const { swap, ports, tags } = plan
  if (ports === undefined) {
    log.warning(
      'The instance that the snapshot is of no longer exists: the restored one keeps the ports that Lightsail opens on new instances. Check its firewall.',
    )
  }
  log.group(`Restore of snapshot "${plan.snapshot.name}" in ${plan.region}`, [
    ...stages.map(({ toDo }, index) => `${index + 1}. ${toDo}`),
    ...tags.map(({ key, value }) => `  tag ${value === undefined ? key : `${key} = ${value}`}`),
  ])
  if (swap?.isResumed) {
    log.notice(
      `An earlier step began to put instance "${plan.instanceName}" in the place of instance "${swap.previousName}" and left static IP "${swap.staticIpName}" attached to nothing. This step finishes that.`,
    )
  }
}

/** Sets every output as far as it is known. Later values replace these. */
export function setInstanceOutputs(
  { instanceName, snapshot, swap }: InstancePlan,
  state: string,
  operationId: string | undefined,
  resources: InstanceResources | undefined,
  step: Reporter,
): void {
  setOutputs<'restore'>(step, {
    'disk-name': '',
    'instance-name': instanceName,
    'operation-id': operationId ?? '',
    state,
    'snapshot-name': snapshot.name,
    'previous-disk-name': '',
    'previous-instance-name': swap?.previousName ?? '',
    'ip-address': (swap === undefined ? resources?.restored?.publicAddress : swap.address) ?? '',
  })
}

/** Logs the result, and what is left for a person to do. */
export function logInstanceResult(
  plan: InstancePlan,
  resources: InstanceResources,
  { log }: Pick<Step, 'log'>,
): void {
  const { swap } = plan
  log.info(resultText(plan, resources))
  if (swap === undefined) return
  log.info(`To delete the previous instance: ${deleteInstanceCommand(plan.region, swap.previousName)}`)
  log.notice(sentencesAfterSwap(plan, swap, resources).join(' '))
}

function resultText(
  { instanceName, snapshot, bundleId, swap }: InstancePlan,
  { restored }: InstanceResources,
): string {
  const instance = `Instance "${instanceName}" (${bundleId}) is restored from snapshot "${snapshot.name}"`
  return swap === undefined
    ? `${instance}, and runs with the address ${restored?.publicAddress ?? 'that Lightsail shows'}`
    : `${instance}, and has static IP "${swap.staticIpName}" (${swap.address}) in the place of instance "${swap.previousName}"`
}

/** What a person has to know after a swap: the instance in use, the previous one and its price, and that no workflow changes. */
function sentencesAfterSwap(
  { instanceName, monthlyPrices }: InstancePlan,
  swap: InstanceSwap,
  { previous }: InstanceResources,
): string[] {
  const price = monthlyPrices.previous
  const costs = price === undefined ? 'costs money' : `costs $${price.toFixed(2)} a month`
  return [
    `In use: instance "${instanceName}" at ${swap.address}.`,
    previous === undefined
      ? `The previous instance "${swap.previousName}" no longer exists.`
      : `The previous instance "${swap.previousName}" is kept, ${previous.state}, and ${costs} until you delete it.`,
    `No workflow needs editing: instance-name "${swap.original.name}" now means instance "${instanceName}".`,
  ]
}

function deleteInstanceCommand(region: string, instanceName: string): string {
  return awsCommand('delete-instance', region, { 'instance-name': instanceName })
}

/** Adds the result, what is left to do, and the table of the stages to the job summary. */
export async function summarizeInstance(
  plan: InstancePlan,
  stages: readonly InstanceStage[],
  journal: InstanceJournal,
  end: 'dry run' | 'failed' | 'done',
  resources: InstanceResources | undefined,
  { appendSummary }: Reporter,
  site?: string,
): Promise<void> {
  const { instanceName, snapshot, swap, region } = plan
  const instance = `Instance "${instanceName}"`
  const results = {
    'dry run': [
      ':mag: Dry run: the Lightsail instance can be restored',
      `${instance} would be restored from snapshot "${snapshot.name}". Nothing was changed.`,
    ],
    failed: [
      ':x: The Lightsail instance restore is not complete',
      `${instance} was to be restored from snapshot "${snapshot.name}".`,
    ],
    done: [
      swap === undefined
        ? ':white_check_mark: Lightsail instance restored'
        : ':white_check_mark: Rolled back: Lightsail instance restored and swapped in',
      resources === undefined ? '' : `${resultText(plan, resources)}.`,
    ],
  } as const
  const [heading, result] = results[end]
  const afterwards =
    end === 'done' && swap !== undefined && resources?.previous !== undefined
      ? [
          sentencesAfterSwap(plan, swap, resources)
            .map((sentence) => `- ${markdownText(sentence)}`)
            .join('\n'),
          `When the previous instance is no longer needed, delete it:\n\n${codeBlock(deleteInstanceCommand(region, swap.previousName), 'sh')}`,
        ]
      : []
  const parts = [
    `### ${heading}`,
    site === undefined ? '' : `**${markdownText(site)}**`,
    markdownText(result),
    ...afterwards,
    stagesTable(stages, journal, end === 'dry run'),
  ]
  await appendSummary(parts.filter(Boolean).join('\n\n'))
}

/** Returns the failure with everything a person has to know: the site, what was done, the states, and what to do next. */
export function withInstanceReport(
  failure: Failure,
  plan: InstancePlan,
  stages: readonly InstanceStage[],
  journal: InstanceJournal,
  {
    resources,
    isKnown,
    site,
    run,
  }: {
    readonly resources: InstanceResources
    readonly isKnown: boolean
    readonly site: string | undefined
    readonly run: Run
  },
): Failure {
  const done = [...journal].map(([stage, reached]) => reachedText(stage, reached))
  const left = stages.filter((stage) => !journal.has(stage))
  const message = [
    site,
    failure.message,
    `Done: ${done.join('; ') || 'nothing'}.`,
    `Left: ${left.map(({ toDo }) => toDo).join('; ') || 'nothing'}.`,
    `${isKnown ? 'Now' : 'When last seen'}: ${instanceStatesText(plan, resources)}`,
  ]
  const copyables = failure instanceof ChangeFailure ? [] : byHand(plan, left, resources)
  return new Failure(
    message.filter((line) => line !== undefined).join('\n'),
    [
      failure.advice,
      'Rerun the failed job: it resumes where this one stopped and creates no second instance unless it has to.',
      'Nothing was deleted.',
    ]
      .filter(Boolean)
      .join(' '),
    { cause: failure, copyables: [...failure.copyables, runAgain(run), ...copyables] },
  )
}

/** What a person can do instead of a rerun, ready to copy: finish by hand, or go back. */
function byHand(plan: InstancePlan, left: readonly InstanceStage[], resources: InstanceResources) {
  const { region, instanceName, swap } = plan
  const { restored, previous, staticIp } = resources
  if (swap === undefined || staticIp === undefined) return []
  const replacement = { type: 'instance', newName: instanceName, ...swap } as const
  const records = recordCommands(region, replacement).map((text) => ({ text, wait: '' }))
  const moves = left.flatMap(({ command }) => command ?? [])
  const isReady = restored?.state === 'running' && left.every(({ command }) => command !== undefined)
  const undo: Command[] = [
    ...(staticIp.attachedTo === swap.previousName
      ? []
      : [attachIpCommand(region, swap.staticIpName, swap.previousName)]),
    ...(swap.wasRunning && previous?.state === 'stopped' ? [startCommand(region, swap.previousName)] : []),
  ]
  const copyable = (purpose: string, commands: readonly Command[]) =>
    commands.length === 0 ? [] : [{ purpose, language: 'sh' as const, text: inTurn(commands, undefined) }]
  return [
    ...copyable('Finish the roll-back by hand', isReady ? [...moves, ...records] : []),
    ...copyable('Undo it', undo),
  ]
}
