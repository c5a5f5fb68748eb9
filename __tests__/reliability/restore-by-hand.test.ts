// The commands in the summary of a failed roll-back, pasted as a whole into a shell with the AWS CLI.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { delimiter, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { clientEnvironment, region } from '../support/emulated.js'
import { machineOf, startShop } from '../support/restore.js'

let emulator: Emulator
beforeEach(async () => {
  emulator = await startShop(everyChangeTakes(300))
})
afterEach(() => emulator.close())

const swap = { 'disk-name': 'shop-data', swap: 'true' }
const restoredName = 'shop-data-restored-1658821493-1'
const machine = () => machineOf(emulator.region(region).instance('shop', Date.now()))
const restore = (options: Parameters<typeof runBuiltAction>[2] = {}): Promise<BuiltStepResult> =>
  runBuiltAction(emulator, swap, { ...options, action: 'restore' })

const { PATH = '' } = process.env
const shell = { PATH: `${resolve('.tools/bin')}${delimiter}${PATH}`, HOME: process.env['HOME'] }
// On Windows there is more than one bash.
const hasCli = process.platform !== 'win32' && spawnSync('aws', ['--version'], { env: shell }).status === 0
const withPaste = hasCli ? test : test.skip
const why = hasCli ? '' : ' (skipped: no AWS CLI for a shell here)'

/** Returns the commands after these words in the summary. */
function commandsBehind(words: string, summary: string): string {
  return new RegExp(`${words}[^\`]*\`\`\`sh\\n([^\`]*)\\n\`\`\``).exec(summary)?.[1] ?? ''
}

/** Pastes the commands after these words in the summary into a shell. They have to wait for each other. */
function paste(summary: string, words: string): Promise<number | null> {
  const commands = commandsBehind(words, summary)
  expect(commands).toMatch(/^(?:until|while) \[/m)
  return runInShell(commands)
}

async function runInShell(commands: string): Promise<number | null> {
  const quick = commands.replaceAll('sleep 5', 'sleep 0.2')
  const child = spawn('bash', ['--noprofile', '--norc', '-c', quick], {
    env: { ...clientEnvironment(emulator), ...shell },
    stdio: 'ignore',
    timeout: 40_000,
    killSignal: 'SIGKILL',
  })
  const [exitCode] = await once(child, 'exit')
  return exitCode
}

/** The commands end once the instance has been told to start; it is still starting then. */
const onItsWay = expect.stringMatching(/^(?:pending|running)$/)

describe('the commands to copy after an interrupted roll-back, pasted as a whole,', () => {
  const stages = [
    ['stop', 'Stop instance', 'stopDurationMs'],
    ['detach', 'Detach disk', 'detachDurationMs'],
    ['attach', 'Attach disk', 'attachDurationMs'],
    ['start', 'Start instance', 'startDurationMs'],
  ] as const
  const ways = [
    ['finishes it', 'To finish by hand', restoredName],
    ['brings the previous disk back', 'To go back to the previous disk', 'shop-data'],
  ] as const
  const cases = stages.flatMap((stage) => ways.map((way) => [...way, ...stage] as const))

  withPaste.each(cases)(
    `%s (%s, disk %s) during the %s${why}`,
    async (_, words, disk, stage, line, duration) => {
      Object.assign(emulator.behaviour, everyChangeTakes(300), { [duration]: 3000 })
      const { summary, exitCode } = await restore({
        onLine: (text, send) => {
          if (text.startsWith(line)) setTimeout(() => send('SIGINT'), 700)
        },
      })
      expect([stage, exitCode]).toEqual([stage, 1])
      await paste(summary, words)
      expect(machine()).toEqual([onItsWay, `${disk} /dev/xvdf`])
      const { tags } = emulator.region(region).disk('shop-data', Date.now())
      expect(tags.some(({ key }) => key === 'replaced-by')).toBe(disk === restoredName)
    },
  )

  withPaste(`brings the previous disk back where the instance could not be started${why}`, async () => {
    emulator.faults.add({ operation: 'StartInstance', fault: 'access-denied', occurrences: 'all' })
    const { summary } = await restore()
    emulator.faults.clear()
    expect(await paste(summary, 'To go back to the previous disk')).toBe(0)
    expect(machine()).toEqual([onItsWay, 'shop-data /dev/xvdf'])
  })
})

describe('a command that a person is given', () => {
  const account = () => emulator.region(region)
  const run = (command: string) => runInShell(`${command} --region ${region}`)

  withPaste(
    `after a roll-back deletes the previous disk, and the name still means the live one${why}`,
    async () => {
      const { summary } = await restore()
      expect(await runInShell(commandsBehind('delete it', summary))).toBe(0)
      expect(account().disks.names(Date.now() + 1000)).toEqual([restoredName])
      const { log } = await runBuiltAction(emulator, { 'disk-name': 'shop-data' })
      expect(log).toContain(`"shop-data" now means disk "${restoredName}"`)
    },
  )

  withPaste(`in the guides keeps a snapshot, or goes back to an older disk by hand${why}`, async () => {
    const given = async (file: string, words: string) => {
      const text = await readFile(file, 'utf8')
      return new RegExp(`aws lightsail ${words}[^\`\\n]*`).exec(text)?.[0] ?? ''
    }
    const keep = await given('prune/README.md', 'tag-resource')
    expect(await run(keep.replace(/--resource-name \S+/, '--resource-name new'))).toBe(0)
    expect(account().snapshot('new', Date.now()).tags).toContainEqual({ key: 'keep' })
    account().tag('shop-data', [{ key: 'replaced-by', value: 'x1' }])
    expect(await run(await given('docs/restore.md', 'untag-resource'))).toBe(0)
    expect(account().disk('shop-data', Date.now()).tags).toEqual([])
  })
})
