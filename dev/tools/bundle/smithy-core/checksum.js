// SHA-256 of Node.js alone. The package's own class brings another along, written in JavaScript, for systems without one.
import { createHash, createHmac } from 'node:crypto'

export * from '../../../../node_modules/@smithy/core/dist-es/submodules/checksum/index.js'

export class Sha256 {
  #hash

  constructor(secret) {
    this.#hash = secret ? createHmac('sha256', secret) : createHash('sha256')
  }

  update(data) {
    this.#hash.update(data)
  }

  async digest() {
    return new Uint8Array(this.#hash.digest())
  }
}
