import { createServer } from 'node:http'
import type { Clock } from '../../src/basics/clock.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import { region } from './emulated.js'
import { FakeClock } from './fake-clock.js'

/** What a service responds to every request. */
export interface StandardAnswer {
  readonly status?: number
  readonly type?: string
  readonly body: string
  /** The value of the header `Date`. Default: the machine's time. */
  readonly date?: () => string
}

/** Runs the work with a service on loopback that answers every request with this body, which the emulator never would. */
export async function withService<T>(answer: StandardAnswer, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => {
    if (answer.date !== undefined) response.setHeader('date', answer.date())
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/x-amz-json-1.1' })
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the service has no TCP address')
  try {
    return await work(`http://127.0.0.1:${address.port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** Runs the work with a client of such a service. The caller restores the environment. */
export function againstService<T>(
  answer: StandardAnswer,
  work: (client: Lightsail) => Promise<T>,
  clock: Clock = new FakeClock(),
): Promise<T> {
  return withService(answer, async (url) => {
    process.env['AWS_ENDPOINT_URL_LIGHTSAIL'] = url
    const client = openLightsail(region, clock)
    try {
      return await work(client)
    } finally {
      client.close()
    }
  })
}
