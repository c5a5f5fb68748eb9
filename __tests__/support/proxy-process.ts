// A proxy in its own process, like a company's. It resolves every host to this machine and prints each request. If
// USER_AND_PASSWORD is in its environment, it requires those.
import dns from 'node:dns'
import { Server } from 'proxy-chain'

const { lookup } = dns
Reflect.set(dns, 'lookup', (_: string, ...rest: unknown[]) =>
  Reflect.apply(lookup, dns, ['127.0.0.1', ...rest]),
)

const wanted = process.env['USER_AND_PASSWORD']
const server = new Server({
  port: 0,
  host: '127.0.0.1',
  prepareRequestFunction: ({ hostname, port, username, password, isHttp }) => {
    process.stdout.write(`${isHttp ? 'forward' : 'CONNECT'} ${hostname}:${port}\n`)
    return { requestAuthentication: wanted !== undefined && wanted !== `${username}:${password}` }
  },
})
await server.listen()
process.stdout.write(`port ${server.port}\n`)
