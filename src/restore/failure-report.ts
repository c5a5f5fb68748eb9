import { type Copyable, Failure } from '../basics/failure.js'
import { runAgain } from '../shared/next-steps.js'
import type { Run } from '../workflow/run.js'
import { StageFailure } from './carry-out.js'
import { type Command, deleteCommand, inTurn, stopCommand } from './commands.js'
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
  const lost = world.restored?.state === 'error' ? world.restored.name : undefined
  const adviceWith = (commands: readonly string[]) =>
    [failure.advice, lost === undefined ? again : anew, ...commands, ways.hint, 'Nothing was deleted.']
      .filter(Boolean)
      .join(' ')
  const toCopy = ways.commands.map(({ purpose, commands, wait }): Copyable => {
    return {
      purpose,
      language: 'sh',
      text: [...(wait === undefined ? [] : [wait]), inTurn(commands)].join('\n'),
    }
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
  // Going on or back begins where what is under way has come to its end.
  const soon = stage === undefined || sent === 'no' ? world : stage.after(world)
  const stopping = world.instance?.state === 'stopping' ? world.instance : undefined
  const wait = stage?.stateIn(world) === 'under way' ? stage.command?.wait : undefined
  const commands: readonly Way[] = [
    {
      purpose: 'If the instance does not stop by itself',
      commands: stopping === undefined ? [] : [forced(stopCommand(plan.region, stopping.name))],
    },
    {
      purpose: 'Or finish by hand, each once the one before is over',
      commands: finishCommands(stages, sent === 'uncertain' ? world : soon),
      wait,
    },
    {
      purpose: 'Or go back to the previous disk, each once the one before is over',
      commands: undoCommands(plan, soon),
      wait,
    },
  ]
  return {
    commands: commands.filter((way) => way.commands.length > 0),
    hint:
      sent === 'uncertain'
        ? 'A command that Lightsail refuses because there is nothing to do does no harm.'
        : '',
  }
}

function forced({ text, wait }: Command): Command {
  return { text: `${text} --force`, wait }
}

/** The state of a step that failed: what the service may still be at is pending. */
export function failedState(failure: Failure): string {
  return failure instanceof StageFailure && failure.open ? 'pending' : 'error'
}
