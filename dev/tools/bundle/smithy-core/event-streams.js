export * from '../absent.js'
