import type { Server } from 'node:http'

/** A server on the loopback interface that can be unreachable for a while. */
export class Listener {
  readonly port: number
  readonly #server: Server
  #isClosed = false
  #restart: NodeJS.Timeout | undefined

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  /** Listens on `port`; 0 lets the system choose one. */
  static async start(server: Server, port: number): Promise<Listener> {
    return new Listener(server, await listen(server, port))
  }

  /** Closes all connections, and refuses new ones for `ms`. */
  pause(ms: number): void {
    clearTimeout(this.#restart)
    this.#server.close()
    this.#server.closeAllConnections()
    this.#restart = setTimeout(() => void this.#listenAgain(), ms)
  }

  /** Closes every connection and stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restart)
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #listenAgain(): Promise<void> {
    if (this.#isClosed || this.#server.listening) return
    try {
      await listen(this.#server, this.port)
    } catch {
      // Something else has the port at the moment.
      this.#restart = setTimeout(() => void this.#listenAgain(), 100)
    }
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
      else reject(new Error('the emulator has no TCP address'))
    })
  })
}
