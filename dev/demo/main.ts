// The README's first command: the built action against the emulator, once for a disk and once for an instance.
import { cwd } from 'node:process'
import { startEmulator } from '../../emulator/service/server.js'
import { actionNode } from './action-node.js'
import { LogView } from './log-view.js'
import { runStep } from './runner.js'

const region = 'eu-central-1'
const secondsPerSnapshot = Number(process.argv[2] ?? 5)

function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

async function show(title: string, inputs: Readonly<Record<string, string>>, url: string): Promise<number> {
  say(`\n━━ ${title}`)
  say(
    `\n      - uses: OWNER/lightsail-disk-snapshot@v1\n        with:\n${Object.entries(inputs)
      .map(([name, value]) => `          ${name}: ${value}`)
      .join('\n')}`,
  )
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
  if (result.standardError !== '') say(result.standardError)
  say('\n── The outputs\n')
  for (const [name, value] of Object.entries(result.outputs)) say(`${name}: ${value}`)
  say('\n── The job summary (Markdown)\n')
  say(result.summary.trim())
  say(`\n── Exit code ${result.exitCode}`)
  return result.exitCode ?? 1
}

const emulator = await startEmulator({ behaviour: { snapshotDurationMs: secondsPerSnapshot * 1000 } })
emulator.region(region).addInstance('shop', 60, Date.now())
emulator.region(region).addDisk('shop-data', 32, Date.now(), 'shop')
emulator.region(region).addInstance('wordpress', 60, Date.now())
say(`A Lightsail emulator listens at ${emulator.url}; a snapshot takes ${secondsPerSnapshot} seconds in it.`)
const exitCodes = [
  await show(
    'A disk',
    { 'disk-name': 'shop-data', tags: 'stage=production', 'poll-interval': '1s' },
    emulator.url,
  ),
  await show("An instance's system disk", { 'instance-name': 'wordpress' }, emulator.url),
]
await emulator.close()
process.exitCode = exitCodes.every((code) => code === 0) ? 0 : 1
