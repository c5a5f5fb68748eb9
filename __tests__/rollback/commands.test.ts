// Runs the commands of each failure report against the emulator, to check that they do what it says.
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { restore } from '../../src/actions/restore/action.js'
import type { Failure } from '../../src/basics/failure.js'
import { region } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { call } from '../support/raw-client.js'
import { machineOf, restoreStep, startShop } from '../support/restore.js'
import type { KeptStep } from '../support/step.js'
import { useEmulator } from '../support/use-emulator.js'
import { withoutNetwork } from '../support/without-network.js'

let emulator: Emulator
let account: Region
let step: KeptStep
/** Whether the report says that a command may be refused. */
let mayRefuse: boolean

useEmulator(async () => {
  step = restoreStep({ 'disk-name': 'shop-data', swap: 'true' })
  emulator = await startShop({}, () => step.clock.now())
  account = emulator.region(region)
  return emulator
})

const machine = () => machineOf(account.instance('shop', step.clock.now()))
const restoredName = 'shop-data-restored-1658821493-1'

/** The commands to copy for a purpose that contains these words, without the waits between them. */
function commandsFor(words: string, { copyables }: Failure): string[] {
  const found = copyables.filter(({ purpose }) => purpose.includes(words))
  return found.flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('aws lightsail ')))
}

const pascal = (text: string) => text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** A tag in the CLI's short form: `key=replaces,value=shop-data`. */
function tagOf(text: string): object {
  return Object.fromEntries(text.split(',').map((part) => part.split('=')))
}

/** Sends the request that the AWS CLI would send, and lets its operation finish. */
async function carryOut(command: string): Promise<void> {
  const [, , name = '', ...words] = command.split(' ')
  const input: Record<string, unknown> = {}
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('--') || word === '--region') continue
    const member = pascal(word.slice(2)).replace(/^./, (letter) => letter.toLowerCase())
    input[member] = word === '--force' ? true : words[index + 1]
    if (word === '--tags') input[member] = words.slice(index + 1).map(tagOf)
  }
  const { status, body } = await call(emulator, pascal(name), input)
  const isHarmless = mayRefuse && /You can't (?:stop|start) this instance right now/.test(body.message ?? '')
  if (!isHarmless) expect([command, status, body.message]).toEqual([command, 200, undefined])
  step.clock.elapsed += 100_000
}

/** Returns the step's report, after the operations in progress have finished. */
async function report(): Promise<Failure> {
  const failure = await failureOf(() => restore({ ...step, requestHandler: withoutNetwork(emulator) }))
  mayRefuse = failure.advice.includes('It does no harm if Lightsail refuses')
  step.clock.elapsed += 100_000
  emulator.faults.clear()
  emulator.behaviour.failingOperations = []
  return failure
}

const refused = (operation: string) =>
  emulator.faults.add({ operation, fault: 'access-denied', occurrences: 'all' })

function failing(operation: 'StopInstance' | 'DetachDisk' | 'AttachDisk' | 'StartInstance'): void {
  emulator.behaviour.failingOperations = [operation]
}

const cases: readonly (readonly [string, () => void])[] = [
  ['StopInstance is refused', () => refused('StopInstance')],
  ['DetachDisk is refused', () => refused('DetachDisk')],
  ['AttachDisk is refused', () => refused('AttachDisk')],
  ['StartInstance is refused', () => refused('StartInstance')],
  ['StopInstance fails', () => failing('StopInstance')],
  ['DetachDisk fails', () => failing('DetachDisk')],
  ['AttachDisk fails', () => failing('AttachDisk')],
  ['StartInstance fails', () => failing('StartInstance')],
  ['the instance is stuck', () => void Object.assign(emulator.behaviour, { stopEnd: 'stuck' })],
]

describe.each(cases)('the commands of a report, when %s,', (_, prepare) => {
  beforeEach(() => prepare())

  test('finish the roll-back', async () => {
    const failure = await report()
    for (const command of commandsFor('does not stop by itself', failure)) await carryOut(command)
    const commands = commandsFor('To finish by hand', failure)
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) await carryOut(command)
    expect(machine()).toEqual(['running', `${restoredName} /dev/xvdf`])
    expect(account.contentOfInstance('shop', '/dev/xvdf')).toBe('new')
    const tags = account.disk('shop-data', step.clock.now()).tags
    expect(tags).toContainEqual({ key: 'replaced-by', value: restoredName })
  })
})

describe.each(cases)('the commands of a report, when %s,', (_, prepare) => {
  beforeEach(() => prepare())

  test('go back to the previous disk', async () => {
    const failure = await report()
    for (const command of commandsFor('does not stop by itself', failure)) await carryOut(command)
    for (const command of commandsFor('To go back to the previous disk', failure)) await carryOut(command)
    expect(machine()).toEqual(['running', 'shop-data /dev/xvdf'])
  })
})

const ways = ['To finish by hand', 'To go back to the previous disk'] as const
test.each([14, 17, 20, 26, 31].flatMap((seconds) => ways.map((way) => [seconds, way] as const)))(
  'the commands of a report work after a timeout of %j s: "%s"',
  async (seconds, way) => {
    step = restoreStep({ 'disk-name': 'shop-data', swap: 'true', 'wait-timeout': `${seconds}s` })
    for (const command of commandsFor(way, await report())) await carryOut(command)
    expect(machine()).toEqual(['running', `${way === ways[0] ? restoredName : 'shop-data'} /dev/xvdf`])
  },
)
