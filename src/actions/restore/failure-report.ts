import { type Copyable, Failure } from '../../basics/failure.js'
import { runAgain } from '../../domain/next-steps.js'
import type { Run } from '../../github/run-context.js'
import { type Command, deleteCommand, inTurn, startedWait, stopCommand } from '../../rollback/commands.js'
import { SwapFailure } from '../../rollback/exchange.js'
import type { RestorePlan, World } from '../../rollback/plan.js'
import { ChangeFailure } from '../../rollback/point-of-no-return.js'
import { type Sent, StageFailure } from '../../rollback/stage-failure.js'
import type { Stage } from '../../rollback/stages.js'
import { finishCommands, statesText, undoCommands } from '../../rollback/states.js'
import { type Journal, reachedText } from './report.js'

/** The failure of a stage with everything that a person has to know: what was done, how things stand, what to do next. */
export function withReport(
  failure: Failure,
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  { world, isKnown, run }: { readonly world: World; readonly isKnown: boolean; readonly run: Run },
): Failure {
  const done = [...journal].map(([stage, reached]) => reachedText(stage, reached))
  const left = stages.filter((stage) => !journal.has(stage)).map((stage) => stage.toDo)
  const ways = waysOn(failure, plan, stages, journal, world)
  const message = [
    ...siteLines(failure, plan, world),
    failure.message,
    `Done: ${done.join('; ') || 'nothing'}.`,
    `Left: ${left.join('; ')}.`,
    `${isKnown ? 'Now' : 'When last seen'}: ${statesText(plan, world)}`,
  ]
  const lost = lostDisk(plan, world)
  const advice = [failure.advice, lost === undefined ? again : anew, ways.hint, 'Nothing was deleted.']
  const byHand = ways.commands.map(({ purpose, commands, wait }): Copyable => {
    return { purpose, language: 'sh', text: inTurn(commands, wait) }
  })
  return new Failure(message.join('\n'), advice.filter(Boolean).join(' '), {
    cause: failure,
    copyables: [
      ...failure.copyables,
      ...(lost === undefined ? [] : [deleteFailed(plan.region, lost)]),
      runAgain(run),
      ...byHand,
    ],
  })
}

/** How the site is, first of all: nothing else matters as much to its owner. */
export function siteLines(
  failure: Failure,
  { place, swap }: Pick<RestorePlan, 'place' | 'swap'>,
  { instance }: Pick<World, 'instance'>,
): string[] {
  if (place === undefined || swap === undefined) return []
  const name = `instance "${place.instanceName}"`
  if (swap.wasRunning && instance?.state !== 'running') {
    return [`The site is down: ${name} is ${instance?.state ?? 'gone'}.`]
  }
  const holder = instance?.disks.find(({ path }) => path === place.path)
  if (swap.wasRunning && holder === undefined) {
    return [`The site may not work: ${name} is running without a disk at ${place.path}.`]
  }
  if (!(failure instanceof SwapFailure)) return []
  if (failure.site.disk !== 'previous') {
    return [
      `The roll-back failed: ${name} is ${instance?.state} with disk "${holder?.name}" at ${place.path}.`,
    ]
  }
  const is = swap.wasRunning ? 'is running' : 'is stopped'
  return [
    `The roll-back failed, and everything is as before it: ${name} ${is} with the previous disk "${swap.previousDiskName}".`,
  ]
}

const again = 'Rerun the failed job: it resumes where this one stopped and creates no second disk.'

const anew =
  'Nothing can be done with the restored disk, which failed. Delete it and rerun the failed job, which creates a new one.'

/** The restored disk where nothing is left of it that is of use: once the previous one is out, its tags say where that was. */
function lostDisk({ swap }: RestorePlan, { restored, previous }: World): string | undefined {
  const isFirst = swap === undefined || previous?.attachedTo !== null
  return restored?.state === 'error' && isFirst ? restored.name : undefined
}

function deleteFailed(region: string, diskName: string): Copyable {
  return { purpose: 'Delete the failed disk', language: 'sh', text: deleteCommand(region, diskName) }
}

interface Way {
  readonly purpose: string
  readonly commands: readonly Command[]
  /** A line of shell that ends when the operation in progress has finished. */
  readonly wait?: string | undefined
}

interface Ways {
  readonly commands: readonly Way[]
  readonly hint: string
}

/** What a person can do instead of a rerun: finish or go back by hand. */
function waysOn(
  failure: Failure,
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  world: World,
): Ways {
  // Something else works on the same things: more commands would do harm.
  if (failure instanceof ChangeFailure) return { commands: [], hint: '' }
  const stage = stages.find((one) => !journal.has(one))
  // Once the site was brought back, nothing is in progress any more.
  const sent = failure instanceof StageFailure ? failure.sent : 'no'
  const { first, wait, start, startBack = start, mayBeRefused } = beginning(plan, stage, sent, world)
  const turn = `${wait === undefined ? '' : 'wait for the operation in progress, then '}run these one at a time`
  const stopping = world.instance?.state === 'stopping' ? world.instance : undefined
  const from = (commands: readonly Command[]) => (commands.length === 0 ? [] : [...first, ...commands])
  const commands: readonly Way[] = [
    {
      purpose: 'If the instance does not stop by itself',
      commands: stopping === undefined ? [] : [forced(stopCommand(plan.region, stopping.name))],
    },
    { purpose: `To finish by hand, ${turn}`, commands: from(finishCommands(plan, stages, start)), wait },
    {
      purpose: `To go back to the previous disk, ${turn}`,
      commands: from(undoCommands(plan, startBack)),
      wait,
    },
  ]
  return {
    commands: commands.filter((way) => way.commands.length > 0),
    hint: mayBeRefused
      ? 'It does no harm if Lightsail refuses a command because there is nothing to do.'
      : '',
  }
}

interface Beginning {
  /** What comes first, whether it was carried out already or not. */
  readonly first: readonly Command[]
  readonly wait: string | undefined
  /** The states by then. */
  readonly start: World
  /** The same for the way back, if they can't be known: whatever needs the most commands. */
  readonly startBack?: World
  readonly mayBeRefused: boolean
}

/** By hand everything begins when the operation in progress has finished. */
function beginning({ region }: RestorePlan, stage: Stage | undefined, sent: Sent, world: World): Beginning {
  const command = stage?.command
  const { instance } = world
  const withInstance = (state: string): World => ({ ...world, instance: instance && { ...instance, state } })
  const sure = { first: [], mayBeRefused: false }
  if (instance?.state === 'pending') {
    // A start can fail: then it is stopped again.
    const wait = startedWait(region, instance.name)
    return {
      ...sure,
      wait,
      start: withInstance('stopped'),
      startBack: withInstance('running'),
      mayBeRefused: true,
    }
  }
  if (stage !== undefined && command !== undefined && sent !== 'no') {
    const start = stage.after(world)
    return sent === 'uncertain'
      ? { first: [command], wait: undefined, start, mayBeRefused: true }
      : { ...sure, wait: command.wait, start }
  }
  if (instance?.state === 'stopping') {
    return { ...sure, wait: stopCommand(region, instance.name).wait, start: withInstance('stopped') }
  }
  if (stage !== undefined && command !== undefined && stage.stateIn(world) === 'under way') {
    return { ...sure, wait: command.wait, start: stage.after(world) }
  }
  return { ...sure, wait: undefined, start: world }
}

function forced({ text, wait }: Command): Command {
  return { text: `${text} --force`, wait }
}

/** The state of a step that failed: what the service may still be working on is pending. */
export function failedState(failure: Failure): string {
  const cause = causeOf(failure)
  return cause instanceof StageFailure && cause.open ? 'pending' : 'error'
}

/** What went wrong in a swap before the site was brought back. */
function causeOf(failure: Failure): Failure {
  return failure instanceof SwapFailure ? failure.failure : failure
}
