// `npm run demo`: the built action against the emulator, with a disk, an instance, and a snapshot that fails.
import { cwd } from 'node:process'
import { startEmulator } from '../../emulator/service/server.js'
import type { DiskSnapshot } from '../../emulator/service/wire.js'
import { actionNode } from './action-node.js'
import { LogView } from './log-view.js'
import { runStep } from './runner.js'

const region = 'eu-central-1'
const secondsPerSnapshot = Number(process.argv[2] ?? 5)

interface Scene {
  readonly title: string
  readonly inputs: Readonly<Record<string, string>>
  /** The expected exit code. */
  readonly exitCode: number
}

const scenes: readonly Scene[] = [
  {
    title: 'A disk',
    inputs: { 'disk-name': 'shop-data', tags: 'stage=production', 'poll-interval': '1s' },
    exitCode: 0,
  },
  { title: "An instance's system disk", inputs: { 'instance-name': 'wordpress' }, exitCode: 0 },
  {
    title: 'The emulator lets a snapshot fail: the deploy is held back',
    inputs: { 'disk-name': 'shop-data', 'snapshot-name': '{{source}}-second' },
    exitCode: 1,
  },
]

function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Runs a scene and shows it as the log of a job does. Returns whether it ended as expected. */
async function show({ title, inputs, exitCode }: Scene, url: string): Promise<boolean> {
  say(`\n━━ ${title}`)
  const lines = Object.entries(inputs).map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`)
  say(`\n      - uses: OWNER/lightsail-disk-snapshot@v1\n        with:\n${lines.join('\n')}`)
  say('      - run: ./deploy.sh')
  say('\n── The log\n')
  const view = new LogView()
  const result = await runStep({
    action: cwd(),
    inputs,
    node: actionNode,
    environment: {
      AWS_ENDPOINT_URL_LIGHTSAIL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
    },
    onLine: (line) => {
      const shown = view.show(line)
      if (shown !== undefined) say(shown)
    },
  })
  say('\n── The outputs\n')
  for (const [name, value] of Object.entries(result.outputs)) say(`${name}: ${readable(name, value)}`)
  say('\n── The tags, read back from the service\n')
  for (const tag of await tagsOf(result.outputs['snapshot-name'] ?? '', url)) say(tag)
  say('\n── The job summary (Markdown)\n')
  say(result.summary.trim())
  say(`\n── Exit code ${result.exitCode}`)
  say(result.exitCode === 0 ? '\n✓ ./deploy.sh runs' : '\n⊘ ./deploy.sh is skipped')
  return result.exitCode === exitCode
}

/** Pretty-prints the JSON of `snapshots`; returns any other output as it is. */
function readable(name: string, value: string): string {
  return name === 'snapshots' ? JSON.stringify(JSON.parse(value), undefined, 2) : value
}

async function tagsOf(diskSnapshotName: string, url: string): Promise<string[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'x-amz-target': 'Lightsail_20161128.GetDiskSnapshot',
      // The emulator reads the Region from this, and doesn't check the signature.
      authorization: `Credential=emulated/20260101/${region}/lightsail/aws4_request`,
    },
    body: JSON.stringify({ diskSnapshotName }),
  })
  const body: { readonly diskSnapshot: DiskSnapshot } = JSON.parse(await response.text())
  return body.diskSnapshot.tags.map(({ key, value }) => (value === undefined ? key : `${key} = ${value}`))
}

const emulator = await startEmulator({ behaviour: { snapshotDurationMs: secondsPerSnapshot * 1000 } })
emulator.region(region).addInstance('shop', 60, Date.now())
emulator.region(region).addDisk('shop-data', 32, Date.now(), 'shop')
emulator.region(region).addInstance('wordpress', 60, Date.now())
say(`Lightsail emulator at ${emulator.url}. A snapshot takes ${secondsPerSnapshot} seconds.`)
say('Each log has a warning that the step talks to the emulator, and not to AWS.')
const results: boolean[] = []
for (const scene of scenes) {
  emulator.behaviour.snapshotEnd = scene.exitCode === 0 ? 'completed' : 'error'
  results.push(await show(scene, emulator.url))
}
await emulator.close()
process.exitCode = results.every(Boolean) ? 0 : 1
