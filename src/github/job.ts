// What outlives a step: for the job's later steps, and for the same action's last one.
export { exportVariable, getInput, getState, saveState } from '@actions/core'
