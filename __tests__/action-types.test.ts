// The types that action-types.yml gives to inputs are those that the code reads.
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { readActionMetadata } from '../dev/demo/runner.js'
import { readSettings } from '../emulator/action/inputs.js'
import { scenarios } from '../emulator/service/scenarios.js'
import { readInputs as readPruneInputs } from '../src/actions/prune/inputs.js'
import { readInputs as readRestoreInputs } from '../src/actions/restore/inputs.js'
import { planSnapshots } from '../src/actions/snapshot/inputs.js'
import { onFailureChoices } from '../src/actions/snapshot/pause-inputs.js'
import { readInputs as readWaitInputs } from '../src/actions/wait/inputs.js'
import type { Consistency } from '../src/domain/snapshot-record.js'
import { actionMetadata } from '../src/github/action-metadata.js'
import type { Step } from '../src/github/entry-point.js'
import { type ActionName, InputReader } from '../src/github/inputs.js'
import type { Parsed } from '../src/github/parse.js'
import { allSnapshotTypes, type SnapshotState } from '../src/lightsail/types.js'
import { ifExistsChoices } from '../src/take/claim.js'
import { failureOf } from './support/failure.js'
import { exampleStep } from './support/step.js'

interface ValueType {
  readonly type: 'string' | 'boolean' | 'integer' | 'list' | 'enum'
  readonly separator?: string
  readonly 'list-item'?: ValueType
  readonly 'allowed-values'?: readonly string[]
}

interface Types {
  readonly inputs: Readonly<Record<string, ValueType>>
  readonly outputs: Readonly<Record<string, ValueType>>
}

interface Action {
  readonly name: ActionName
  readonly folder: string
  readonly read: (step: Step) => unknown
  /** Inputs with which every other input is read as well. */
  readonly inputs: Readonly<Record<string, string>>
}

const actions: readonly Action[] = [
  { name: 'snapshot', folder: '.', read: planSnapshots, inputs: { 'instance-name': 'wordpress' } },
  { name: 'wait', folder: 'wait', read: readWaitInputs, inputs: { 'snapshot-name': 'shop-data-1' } },
  {
    name: 'prune',
    folder: 'prune',
    read: readPruneInputs,
    inputs: { 'instance-name': 'wordpress', 'keep-last': '1' },
  },
  {
    name: 'restore',
    folder: 'restore',
    read: readRestoreInputs,
    inputs: { 'instance-name': 'wordpress', 'size-in-gb': '64' },
  },
  { name: 'emulator', folder: 'emulator', read: readSettings, inputs: { disks: 'shop-data:32' } },
]

const choices: Readonly<Record<string, readonly string[]>> = {
  'snapshot snapshot-type': allSnapshotTypes,
  'prune snapshot-type': allSnapshotTypes,
  'restore snapshot-type': allSnapshotTypes,
  'snapshot if-exists': ifExistsChoices,
  'snapshot on-pause-failure': onFailureChoices,
  'emulator scenario': Object.keys(scenarios),
}

const states: Readonly<Record<SnapshotState, true>> = { completed: true, pending: true, error: true }
/** What a default of each type looks like. A list has none. */
const defaultsOf = {
  boolean: /^(true|false)$/,
  integer: /^\d+$/,
  string: /./,
  list: /^$/,
  enum: /./,
} as const
const consistencies: Readonly<Record<Consistency, true>> = { crash: true, 'file-system': true }

describe.each(actions)('action-types.yml of $folder', ({ name, folder, read, inputs }) => {
  let types: Types
  /** The inputs that the code has read as booleans. */
  const booleans = new Set<string>()
  /** What the code understands the others with, if it does more than take their text. */
  const parsers = new Map<string, (text: string) => Parsed<unknown>>()

  /** Reads the action's inputs with these beside the usual ones. */
  function readWith(changes: Readonly<Record<string, string>>): unknown {
    const given = new Map<string, string>(
      Object.entries({ ...actionMetadata[name].inputs, ...inputs, ...changes }),
    )
    return read({ ...exampleStep(), input: (input) => given.get(input) ?? '' })
  }

  beforeEach(async () => {
    types = parse(await readFile(`${folder}/action-types.yml`, 'utf8'))
    const { boolean, read: readParsed } = InputReader.prototype
    jest.spyOn(InputReader.prototype, 'boolean').mockImplementation(function (this: InputReader, input) {
      booleans.add(input)
      return boolean.call(this, input)
    })
    jest.spyOn(InputReader.prototype, 'read').mockImplementation(function (
      this: InputReader,
      input,
      parser,
      otherwise,
    ) {
      parsers.set(input, parser)
      return readParsed.call(this, input, parser, otherwise)
    })
    readWith({})
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  const inputsOfType = (type: ValueType['type']) =>
    Object.keys(types.inputs).filter((input) => types.inputs[input]?.type === type)
  const understood = (input: string, text: string) => {
    const parsed = parsers.get(input)?.(text)
    return parsed?.ok === true ? parsed.value : undefined
  }

  test('has the booleans that the code reads as such', () => {
    expect(inputsOfType('boolean').sort()).toEqual([...booleans].sort())
  })

  test('has the whole numbers that the code reads as such', () => {
    const numbers = [...parsers.keys()].filter((input) => understood(input, '7') === 7)
    expect(inputsOfType('integer').sort()).toEqual(numbers.sort())
    expect(numbers.filter((input) => understood(input, '1.5') !== undefined)).toEqual([])
  })

  test('has the lists that the code reads as such, with a separator that divides', async () => {
    const isList = (input: string) => JSON.stringify(understood(input, 'ab\ncd')) === '["ab","cd"]'
    const takesSeveral = async (input: string) =>
      !(await refusal(input, 'ab\ncd')).includes('give only the name')
    const lists: string[] = []
    for (const input of parsers.keys()) if (isList(input) && (await takesSeveral(input))) lists.push(input)
    expect(inputsOfType('list').sort()).toEqual(lists.sort())
    for (const input of lists) {
      const { separator, 'list-item': item } = types.inputs[input] ?? {}
      expect(understood(input, `ab${separator}cd`)).toEqual(['ab', 'cd'])
      expect(item).toEqual({ type: 'string' })
    }
  })

  /** What the action says of this value, an empty text if nothing. */
  async function refusal(input: string, text: string): Promise<string> {
    const reading = () => readWith({ [input]: text })
    return (await failureOf(reading).catch(() => ({ message: '' }))).message
  }

  test('has the choices of the code, which takes each of them and no other', async () => {
    const enums = inputsOfType('enum').map((input) => [
      `${name} ${input}`,
      types.inputs[input]?.['allowed-values'],
    ])
    expect(enums).toEqual(Object.entries(choices).filter(([key]) => key.startsWith(`${name} `)))
    for (const input of inputsOfType('enum')) {
      expect(await refusal(input, 'something-else')).toContain(`${input}: "something-else" is not`)
      for (const value of types.inputs[input]?.['allowed-values'] ?? []) {
        expect(await refusal(input, value)).not.toContain(`${input}: "${value}"`)
      }
    }
  })

  test('has defaults of these types', async () => {
    const { inputs: declared } = await readActionMetadata(folder)
    for (const [input, { default: value }] of Object.entries(declared)) {
      const { type, 'allowed-values': allowed } = types.inputs[input] ?? {}
      if (value === undefined) continue
      if (type === 'enum') expect(allowed).toContain(value)
      else
        expect([input, type, value]).toEqual([input, type, expect.stringMatching(defaultsOf[type ?? 'list'])])
    }
  })

  test('has the states and consistencies of a snapshot, and text as every other output', () => {
    const enums: Readonly<Record<string, object>> = { state: states, consistency: consistencies }
    for (const [output, { type, 'allowed-values': allowed }] of Object.entries(types.outputs)) {
      const values = enums[output]
      if (values !== undefined) expect([...(allowed ?? [])].sort()).toEqual(Object.keys(values).sort())
      expect([output, type]).toEqual([output, values === undefined ? 'string' : 'enum'])
    }
  })
})
