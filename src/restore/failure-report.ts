import { type Copyable, Failure } from '../basics/failure.js'
import { runAgain } from '../shared/next-steps.js'
import type { Run } from '../workflow/run.js'
import { type Sent, StageFailure } from './carry-out.js'
import { type Command, deleteCommand, inTurn, startCommand, stopCommand } from './commands.js'
import type { RestorePlan, World } from './plan.js'
import { type Journal, reachedText } from './report.js'
import type { Stage } from './stages.js'
import { finishCommands, statesText, undoCommands } from './states.js'

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
    failure.message,
    `Done: ${done.join('; ') || 'nothing'}.`,
    `Left: ${left.join('; ')}.`,
    `${isKnown ? 'Now' : 'When last seen'}: ${statesText(plan, world)}`,
  ]
  const lost = lostDisk(plan, world)
  const adviceWith = (commands: readonly string[]) =>
    [failure.advice, lost === undefined ? again : anew, ...commands, ways.hint, 'Nothing was deleted.']
      .filter(Boolean)
      .join(' ')
  const toCopy = ways.commands.map(({ purpose, commands, wait }): Copyable => {
    return { purpose, language: 'sh', text: inTurn(commands, wait) }
  })
  return new Failure(
    message.join('\n'),
    adviceWith(
      ways.commands.map(
        ({ purpose, commands }) => `${purpose}: ${commands.map(({ text }) => text).join('; ')}.`,
      ),
    ),
    {
      cause: failure,
      pageAdvice: adviceWith([]),
      copyables: [
        ...failure.copyables,
        ...(lost === undefined ? [] : [deleteFailed(plan.region, lost)]),
        runAgain(run),
        ...toCopy,
      ],
    },
  )
}

const again =
  'Run the failed job of this run again: it goes on where this one stopped, and makes no second disk.'

const anew =
  'Nothing can be done with the restored disk, which failed: delete it, and run the failed job of this run again, which makes a new one.'

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
  /** A line of shell that ends when what is under way is over. */
  readonly wait?: string | undefined
}

interface Ways {
  readonly commands: readonly Way[]
  readonly hint: string
}

/** What a person can do beside letting the next attempt do it: by hand go on or back. */
function waysOn(
  failure: Failure,
  plan: RestorePlan,
  stages: readonly Stage[],
  journal: Journal,
  world: World,
): Ways {
  const stage = stages.find((one) => !journal.has(one))
  const sent = failure instanceof StageFailure ? failure.sent : 'no'
  const { first, wait, start } = beginning(plan, stage, sent, world)
  const turn = `${wait === undefined ? '' : 'once what is under way is over, and '}each once the one before is over`
  const stopping = world.instance?.state === 'stopping' ? world.instance : undefined
  const from = (commands: readonly Command[]) => (commands.length === 0 ? [] : [...first, ...commands])
  const commands: readonly Way[] = [
    {
      purpose: 'If the instance does not stop by itself',
      commands: stopping === undefined ? [] : [forced(stopCommand(plan.region, stopping.name))],
    },
    { purpose: `Or finish by hand, ${turn}`, commands: from(finishCommands(stages, start)), wait },
    { purpose: `Or go back to the previous disk, ${turn}`, commands: from(undoCommands(plan, start)), wait },
  ]
  return {
    commands: commands.filter((way) => way.commands.length > 0),
    hint:
      sent === 'uncertain'
        ? 'A command that Lightsail refuses because there is nothing to do does no harm.'
        : '',
  }
}

interface Beginning {
  /** What comes first, whether it was carried out already or not. */
  readonly first: readonly Command[]
  readonly wait: string | undefined
  /** How everything is then. */
  readonly start: World
}

/** By hand everything begins where what is under way has come to its end. */
function beginning({ region }: RestorePlan, stage: Stage | undefined, sent: Sent, world: World): Beginning {
  const command = stage?.command
  if (stage !== undefined && command !== undefined && sent !== 'no') {
    const start = stage.after(world)
    return sent === 'uncertain'
      ? { first: [command], wait: undefined, start }
      : { first: [], wait: command.wait, start }
  }
  const { instance } = world
  if (instance?.state === 'stopping') {
    const { wait } = stopCommand(region, instance.name)
    return { first: [], wait, start: { ...world, instance: { ...instance, state: 'stopped' } } }
  }
  if (instance?.state === 'pending') {
    const { wait } = startCommand(region, instance.name)
    return { first: [], wait, start: { ...world, instance: { ...instance, state: 'running' } } }
  }
  if (stage !== undefined && command !== undefined && stage.stateIn(world) === 'under way') {
    return { first: [], wait: command.wait, start: stage.after(world) }
  }
  return { first: [], wait: undefined, start: world }
}

function forced({ text, wait }: Command): Command {
  return { text: `${text} --force`, wait }
}

/** The state of a step that failed: what the service may still be at is pending. */
export function failedState(failure: Failure): string {
  return failure instanceof StageFailure && failure.open ? 'pending' : 'error'
}
