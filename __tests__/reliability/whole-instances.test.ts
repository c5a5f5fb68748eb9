// The built restore/ in its own process: roll-backs of whole instances, and each bad day of one.
import { expect, test } from '@jest/globals'
import { type Behaviour, everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region } from '../support/emulated.js'
import { takenBy } from '../support/restore.js'
import { testWithSignals } from '../support/signals.js'

const systemDisk = '/dev/xvda'
const swap = {
  'instance-name': 'wordpress',
  'snapshot-type': 'instance',
  swap: 'true',
  'wait-timeout': '20s',
}
const restored = 'wordpress-restored-1658821493-1'

interface Site {
  readonly emulator: Emulator
  readonly account: Region
  /** What visitors see: the content of the instance that has the static IP. */
  live(): string | undefined
  roll(
    inputs?: Record<string, string>,
    options?: Parameters<typeof runBuiltAction>[2],
  ): Promise<BuiltStepResult>
}

/** Runs the work with a site that a deploy has broken, and a snapshot of the whole of it from before that deploy. */
async function withSite(behaviour: Partial<Behaviour>, work: (site: Site) => Promise<void>): Promise<void> {
  const emulator = await startEmulator({ behaviour: { ...everyChangeTakes(300), ...behaviour } })
  const account = emulator.region(region)
  const now = Date.now()
  account.addInstance('wordpress', 60, now)
  account.addStaticIp('address', now, 'wordpress')
  account.writeTo('wordpress', systemDisk, 'broken', now)
  account.putInstanceSnapshot({
    name: 'good',
    instanceName: 'wordpress',
    createdAt: now - 3_600_000,
    content: 'good',
    tags: takenBy('octo-org/web-shop'),
  })
  const shop = account.instances.find('wordpress', now)
  // Other ports than those of a new instance, so that they have to be opened.
  account.instances.change('wordpress', { ...shop, firewall: { ...shop.firewall, after: [], endsAt: 0 } })
  try {
    await work({
      emulator,
      account,
      live() {
        const { attachedTo } = account.staticIp('address', Date.now())
        return attachedTo === undefined ? undefined : account.contentOfInstance(attachedTo, systemDisk)
      },
      roll: (inputs, options) =>
        runBuiltAction(emulator, { ...swap, ...inputs }, { ...options, action: 'restore' }),
    })
  } finally {
    await emulator.close()
  }
}

test.concurrent('a roll-back puts the snapshot’s content behind the static IP', () =>
  withSite({}, async ({ account, live, roll }) => {
    const { exitCode, errors, outputs, summary } = await roll()
    expect([exitCode, errors, live()]).toEqual([0, [], 'good'])
    expect(outputs).toMatchObject({ 'instance-name': restored, 'previous-instance-name': 'wordpress' })
    expect(account.instance('wordpress', Date.now()).state.name).toBe('stopped')
    expect(summary).toContain('costs <span>$</span>12.00 a month until you delete it')
  }))

test.concurrent.each<[string, Partial<Behaviour>, string]>([
  ['is never reachable', { health: 'impaired' }, 'reachability failed'],
  ['never runs', { instanceEnd: 'stuck' }, 'is pending'],
  ['is gone at once', { instanceEnd: 'gone' }, 'Could not create instance'],
  ['boots into another zone', { instanceZone: 'eu-central-1b' }, 'it is in eu-central-1b'],
])('nothing moves if the new instance %s', (_, behaviour, reason) =>
  withSite(behaviour, async ({ account, live, roll }) => {
    const { exitCode, errors } = await roll()
    expect([exitCode, live()]).toEqual([1, 'broken'])
    expect(errors[0]).toMatch(/^The roll-back failed, and the site is as before it/)
    expect(errors[0]).toContain(reason)
    expect(account.instance('wordpress', Date.now()).state.name).toBe('running')
  }),
)

test.concurrent('nothing moves if somebody attaches the address elsewhere meanwhile', () =>
  withSite({}, async ({ emulator, account, roll }) => {
    account.addInstance('other', 20, Date.now())
    emulator.beforeRequest = ({ operation }) => {
      if (operation === 'PutInstancePublicPorts') account.moveStaticIp('address', 'other')
    }
    const { exitCode, errors } = await roll()
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('static IP "address" is attached to instance "other"')
    expect(account.staticIp('address', Date.now()).attachedTo).toBe('other')
  }))

const requests = [
  'CreateInstancesFromSnapshot',
  'PutInstancePublicPorts',
  'TagResource',
  'DetachStaticIp',
  'AttachStaticIp',
  'StopInstance',
]

testWithSignals.each(requests)(
  'a roll-back that is cancelled at %s ends within 5 seconds, and the next attempt finishes it',
  (request) =>
    withSite({ movesStaticIps: false }, async ({ emulator, account, live, roll }) => {
      let cancel = () => {}
      let cancelledAt = 0
      emulator.beforeRequest = ({ operation }) => {
        if (operation !== request || cancelledAt > 0) return
        cancelledAt = performance.now()
        cancel()
      }
      const { exitCode, errors } = await roll({}, { onStart: (send) => (cancel = () => send('SIGINT')) })
      expect(performance.now() - cancelledAt).toBeLessThan(5000)
      if (exitCode === 1 && live() === undefined) expect(errors[0]).toMatch(/^The site (?:is|may be) down/)
      emulator.beforeRequest = undefined
      const again = await roll({}, { environment: { GITHUB_RUN_ATTEMPT: '2' } })
      expect([again.exitCode, again.errors, live()]).toEqual([0, [], 'good'])
      const running = account.instances
        .names(Date.now())
        .filter((name) => account.instance(name, Date.now()).state.name === 'running')
      expect(running).toEqual([account.staticIp('address', Date.now()).attachedTo])
    }),
)
