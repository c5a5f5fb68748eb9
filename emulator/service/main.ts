import { parseArgs } from 'node:util'
import { everyChangeTakes } from './behaviour.js'
import { faults } from './faults.js'
import { operations } from './operations.js'
import { isScenarioName, type Scenario, scenarios } from './scenarios.js'
import { type Emulator, startEmulator } from './server.js'
import { fill, parseDisk, parseFault, parseInstance, type Spec } from './spec.js'

const usage = `Usage: npm run emulator -- [options]
  --port N                  where to listen (default: a port that the system chooses)
  --region NAME             the Region to fill (default: eu-central-1)
  --disk NAME[:GB[:INSTANCE]] a disk in it, attached to that instance, or to one called server; may be given again (default: shop-data:32)
  --instance NAME[:GB]      an instance in it, with its system disk; may be given again (default: wordpress:60)
  --seconds N               how long a snapshot takes, and every other change but a deletion (default: 20)
  --snapshot-end END        completed, error or stuck (default: completed)
  --scenario NAME           what happens, by name (default: good)
  --fault OPERATION:N:NAME  a fault at the N-th request of an operation; N may be "all"; may be given again

Operations: ${[...operations.keys()].join(', ')}; * is every one.
Faults: ${Object.keys(faults).join(', ')}.
Scenarios: ${Object.keys(scenarios).join(', ')}.
`

/** What is wrong with the command line, in one line. */
class UsageError extends Error {}

function numberOf(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value <= most) return value
  throw new UsageError(`--${option}: not a number up to ${most}: ${text}`)
}

function specs<T>(option: string, texts: readonly string[], parse: (text: string) => Spec<T>): T[] {
  return texts.map((text) => {
    const spec = parse(text)
    if (spec.ok) return spec.value
    throw new UsageError(`--${option}: ${text} ${spec.problem}`)
  })
}

function scenarioOf(name: string): Scenario {
  if (isScenarioName(name)) return scenarios[name]
  throw new UsageError(`--scenario: not a scenario: ${name}`)
}

function snapshotEnd(text: string): Pick<Emulator['behaviour'], 'snapshotEnd' | 'operationEnd'> {
  if (text === 'completed' || text === 'stuck') return { snapshotEnd: text, operationEnd: 'Succeeded' }
  if (text === 'error') return { snapshotEnd: text, operationEnd: 'Failed' }
  throw new UsageError(`--snapshot-end: not an end: ${text}`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      region: { type: 'string', default: 'eu-central-1' },
      disk: { type: 'string', multiple: true, default: ['shop-data:32'] },
      instance: { type: 'string', multiple: true, default: ['wordpress:60'] },
      seconds: { type: 'string', default: '20' },
      'snapshot-end': { type: 'string' },
      scenario: { type: 'string', default: 'good' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  if (!/^[a-z]+(-[a-z]+)+-\d$/.test(values.region)) {
    throw new UsageError(`--region: not a Region: ${values.region}`)
  }
  const disks = specs('disk', values.disk, parseDisk)
  const instances = specs('instance', values.instance, parseInstance)
  const faultRules = specs('fault', values.fault, parseFault)
  const scenario = scenarioOf(values.scenario)
  const end = values['snapshot-end']
  const emulator = await startEmulator({
    port: numberOf('port', values.port, 65_535),
    behaviour: {
      ...everyChangeTakes(numberOf('seconds', values.seconds) * 1000),
      ...scenario.behaviour,
      ...(end === undefined ? {} : snapshotEnd(end)),
    },
  })
  const region = emulator.region(values.region)
  const now = Date.now()
  fill(region, { disks, instances }, now)
  scenario.prepare(region, { repository: process.env['GITHUB_REPOSITORY'] ?? '', now })
  for (const rule of [...faultRules, ...scenario.faults]) emulator.faults.add(rule)

  process.stdout.write(
    `export AWS_ENDPOINT_URL_LIGHTSAIL=${emulator.url}\nexport AWS_DEFAULT_REGION=${values.region}\n`,
  )
  process.stderr.write(
    `Lightsail emulator: ${[...values.disk, ...values.instance].join(', ')} in ${values.region}. Any credentials will do: AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x. Stop it with Ctrl-C.\n`,
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void emulator.close().then(() => process.exit(0)))
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  process.exit(2)
}
