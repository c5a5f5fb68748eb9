import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { Patience } from '../../lightsail/retry.js'
import { carryOut } from '../../rollback/carry-out.js'
import { tagChoice, untagChoice } from '../../rollback/choice.js'
import { beyondTimeout } from '../../rollback/exchange.js'
import { planInstanceRestore } from '../../rollback/instance-checks.js'
import { gatherInstanceFacts } from '../../rollback/instance-facts.js'
import { type InstancePlan, type InstanceResources, trackInstances } from '../../rollback/instance-plan.js'
import { instanceSiteText, isOnPrevious, mayHaveMoved } from '../../rollback/instance-site.js'
import { instanceStagesOf, stopStage } from '../../rollback/instance-stages.js'
import { carryOutInstanceRepair, replaceInstance } from '../../rollback/instance-swap.js'
import type { InstanceSwap, RestoreInputs } from '../../rollback/plan.js'
import type { ResourceTracker } from '../../rollback/resource-tracker.js'
import type { Search } from '../../rollback/search.js'
import type { Reached, Stage } from '../../rollback/stage.js'
import { warnOfExpiry } from '../shared/patience.js'
import {
  logInstancePlan,
  logInstanceResult,
  setInstanceOutputs,
  summarizeInstance,
  withInstanceReport,
} from './instance-report.js'
import { failedState, logReached, orError } from './stages.js'

/** The service, and the snapshot that the inputs name. */
export type RestoreService = { readonly lightsail: Lightsail } & Pick<Search, 'patience' | 'named'>
type InstanceStage = Stage<InstanceResources>
type Tracker = ResourceTracker<InstanceResources>

/** Creates an instance from a snapshot, and with `swap` puts it in the place of the current one. */
export async function restoreInstance(
  inputs: RestoreInputs,
  service: RestoreService,
  step: Step,
): Promise<void> {
  const { lightsail, patience } = service
  const { plan, resources } = await orError(step, async () => {
    const facts = await gatherInstanceFacts(inputs, step, service)
    const { restored, current: previous, staticIp } = facts
    const seen = { ...nothingSeen, restored, ...(inputs.swap ? { previous, staticIp } : {}) }
    return { plan: planInstanceRestore(facts, step), resources: seen }
  })
  warnOfExpiry(lightsail, inputs.timeoutMs, step, 'A restore')
  const stages = instanceStagesOf(plan)
  logInstancePlan(plan, stages, step)
  if (!inputs.dryRun) {
    const tracker = trackInstances(plan, resources, lightsail, step.clock)
    return new InstanceRestore(plan, stages, tracker, lightsail, patience, step).toEnd(inputs.timeoutMs)
  }
  step.log.info('Dry run: nothing was changed')
  setInstanceOutputs(plan, '', undefined, undefined, step)
  await summarizeInstance(plan, stages, new Map(), 'dry run', undefined, step)
}

const nothingSeen: InstanceResources = {
  restored: undefined,
  previous: undefined,
  staticIp: undefined,
  firewall: undefined,
}

/** A plan being carried out, with the stages reached so far. */
class InstanceRestore {
  readonly #plan: InstancePlan
  readonly #stages: readonly InstanceStage[]
  readonly #tracker: Tracker
  readonly #service: Lightsail
  readonly #patience: Patience
  readonly #step: Step
  readonly #journal = new Map<InstanceStage, Reached>()

  constructor(
    plan: InstancePlan,
    stages: readonly InstanceStage[],
    tracker: Tracker,
    service: Lightsail,
    patience: Patience,
    step: Step,
  ) {
    this.#plan = plan
    this.#stages = stages
    this.#tracker = tracker
    this.#service = service
    this.#patience = patience
    this.#step = step
  }

  async toEnd(timeoutMs: number): Promise<void> {
    this.#setOutputs('pending')
    try {
      await this.#carryOutAll(timeoutMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw await this.#failed(error)
    }
    this.#setOutputs('completed')
    logInstanceResult(this.#plan, this.#tracker.resources, this.#step)
    await this.#summarize('done')
  }

  async #carryOutAll(timeoutMs: number): Promise<void> {
    const [service, patience] = [this.#service, this.#patience]
    const { swap, repairs } = this.#plan
    const tools = { ...this.#step, service, patience, timeoutMs }
    await tagChoice(this.#plan, service, patience, this.#step)
    for (const repair of repairs) {
      const { restored } = repair
      const trackerOf = (instanceName: string, earlier: InstanceSwap) =>
        trackInstances(
          { instanceName, tags: restored.tags, swap: earlier },
          nothingSeen,
          service,
          tools.clock,
        )
      const stopPrevious = (earlier: InstanceSwap, tracker: Tracker) =>
        this.#carryOut(stopStage(this.#plan, earlier), patience, tracker)
      await carryOutInstanceRepair(repair, trackerOf, stopPrevious, tools)
    }
    const carryOutStage = (stage: InstanceStage, limit: Patience) => this.#carryOut(stage, limit)
    if (swap === undefined) for (const stage of this.#stages) await carryOutStage(stage, patience)
    else await replaceInstance(this.#plan, swap, this.#stages, this.#tracker, carryOutStage, tools)
    await untagChoice(this.#plan, service, beyondTimeout(patience), this.#step)
  }

  async #carryOut(stage: InstanceStage, patience: Patience, tracker = this.#tracker): Promise<void> {
    const { clock, log } = this.#step
    const onOperation = ({ id }: { readonly id: string }) => {
      if (stage.name === 'create') this.#setOutputs('pending', id)
    }
    const tools = { service: this.#service, clock, log, patience, onOperation }
    const reached = await carryOut(stage, tracker, tools)
    if (tracker === this.#tracker) this.#journal.set(stage, reached)
    logReached(stage, reached, this.#step)
  }

  #setOutputs(state: string, operationId = this.#operationId): void {
    setInstanceOutputs(this.#plan, state, operationId, this.#tracker.resources, this.#step)
  }

  get #operationId(): string | undefined {
    return [...this.#journal].find(([{ name }]) => name === 'create')?.[1].operation?.id
  }

  async #failed(error: Failure): Promise<Failure> {
    const isKnown = await this.#tracker.refreshForReport()
    const { resources } = this.#tracker
    this.#setOutputs(failedState(error))
    // A cancelled step can't wait for the address to settle: what it sees may be from before the move.
    const isSettled = isKnown && !(this.#step.signal.aborted && isOnPrevious(this.#plan, resources))
    const site = instanceSiteText(this.#plan, resources, !isSettled && mayHaveMoved(error))
    await this.#summarize('failed', site)
    const states = { resources, isKnown, site, run: this.#step.run }
    return withInstanceReport(error, this.#plan, this.#stages, this.#journal, states)
  }

  #summarize(end: 'done' | 'failed', site?: string): Promise<void> {
    const { resources } = this.#tracker
    return summarizeInstance(this.#plan, this.#stages, this.#journal, end, resources, this.#step, site)
  }
}
