/**
 * Makes usage events by the mix of `scale.ts`. An event is a function of the seed, its index and the random
 * stream it is given; the maker keeps no state from one event to the next.
 *
 * 1. At most one thing is wrong with an event, so its outcome does not depend on the order of checks.
 * 2. No two events have the same key: every key set contains the index.
 */
import type { WorkloadCounts } from '../contract.ts';
import { hashNumbers, type Random } from '../random.ts';
import type { ArrivalClock } from './arrival.ts';
import { addOne } from './counts.ts';
import { type ExceptionalSim, exceptionalSims } from './exceptions.ts';
import { iccidOf, imeiOf, imsiOf, msisdnOf } from './identities.ts';
import { networkAt, plmns, UNKNOWN_PLMNS } from './networks.ts';
import type { Population } from './population.ts';
import { BYTES_MEDIAN_IOT, BYTES_MEDIAN_MOBILITY, BYTES_SIGMA, MIX, WINDOW_END_MS, WINDOW_START_MS } from './scale.ts';
import { UsageEvent } from './usage-event.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** As docs/codes.md has it. */
const QUANTITY_MAX = 2 ** 47;
const SOURCES = 8;
/** What a SIM's own numbers are for. */
const OF_SOURCE = 0x501;
const OF_APN = 0x502;
const OF_HOME = 0x503;
const OF_NETWORK = 0x504;
const OF_RAT = 0x505;

const rats: readonly [string, ...string[]] = ['LTE', 'NB-IOT', 'NR', 'LTE-M'];
const apns: readonly [string, ...string[]] = ['iot.example', 'fleet.example', 'internet'];
const offsets: readonly [number, ...number[]] = [0, 60, 120, -300, 330];

/** How the event is to be sent: as it is, or damaged (as a single message only). */
export type EventForm = 'whole' | 'truncated' | 'empty' | 'unknown-schema';

export class EventMaker {
  readonly event = new UsageEvent();
  form: EventForm = 'whole';
  /** Expected outcome, by the maker's knowledge. */
  outcome = 'rated';
  /** When the event reached mediation, milliseconds since 1970. */
  happenedMs = 0;
  readonly #population: Population;
  readonly #clock: ArrivalClock;
  readonly #events: number;
  readonly #exceptions: readonly ExceptionalSim[];
  /** Of the event being made. */
  #sim = 0;

  constructor(population: Population, clock: ArrivalClock, events: number) {
    this.#population = population;
    this.#clock = clock;
    this.#events = events;
    this.#exceptions = exceptionalSims(population.catalog, population.options.sims);
  }

  /** @param plain nothing is to be wrong with it */
  make(index: number, random: Random, inFile: boolean, plain: boolean, counts: WorkloadCounts): void {
    const { event } = this;
    event.reset();
    this.form = 'whole';
    this.outcome = 'rated';
    this.happenedMs = this.#clock.timeAt(index / this.#events);
    this.#setTime(random, counts);
    const service = chooseService(random);
    this.#setSubscriber(random, service);
    this.#setUse(random, service);
    this.#setKey(index, random);
    const draw = random.fraction();
    if (draw < MIX.invalid + MIX.unknownSim + MIX.unknownNetwork + MIX.misconfigured && !plain) {
      this.#spoil(draw, random, inFile);
    }
    addOne(counts.services, event.service);
  }

  #setTime(random: Random, counts: WorkloadCounts): void {
    const draw = random.fraction();
    let delay = 0;
    if (draw < MIX.late1h) {
      counts.late1h++;
      if (draw < MIX.late7d) delay = 7 * DAY_MS + random.below(3 * DAY_MS);
      else if (draw < MIX.late24h) delay = DAY_MS + random.below(6 * DAY_MS);
      else delay = HOUR_MS + random.below(23 * HOUR_MS);
      if (delay >= DAY_MS) counts.late24h++;
      if (delay >= 7 * DAY_MS) counts.late7d++;
    } else if (draw < MIX.late1h + MIX.outOfOrder) {
      counts.outOfOrder++;
      delay = random.below(15 * MINUTE_MS);
    }
    this.event.start_time = (this.happenedMs - delay) * 1000 + random.below(1000);
    this.event.utc_offset_minutes = random.pick(offsets);
  }

  #setSubscriber(random: Random, service: string): void {
    const { event } = this;
    let sim = this.#chooseSim(random);
    for (let trial = 0; service === 'voice' && trial < 64 && !this.#population.isMobility(sim); trial++) {
      sim = this.#chooseSim(random);
    }
    event.service = service === 'voice' && !this.#population.isMobility(sim) ? 'message' : service;
    event.source = `mediation-${this.#ofSim(sim, OF_SOURCE) % SOURCES}`;
    const draw = random.below(20);
    if (service === 'data' || service === 'lifecycle' ? draw < 16 : draw < 2) event.iccid = iccidOf(sim);
    if (event.iccid === null || draw % 2 === 0) event.imsi = imsiOf(sim);
    if (draw % 5 === 4) {
      event.msisdn = msisdnOf(sim);
      if (event.iccid === null && draw > 10) event.imsi = null;
    }
    if (draw % 4 === 0) event.imei = imeiOf(sim);
    this.#sim = sim;
  }

  /** Half of the events go to every sixteenth SIM, so that some buckets run out at any number of events. */
  #chooseSim(random: Random): number {
    const { sims, giant } = this.#population.options;
    if (giant) {
      const draw = random.fraction();
      const pool = this.#population.giantPoolSims;
      const account = this.#population.firstSim[1] ?? sims;
      if (draw < 0.25) return random.below(pool);
      if (draw < 0.4) return pool + random.below(account - pool);
      return account + random.below(sims - account);
    }
    const sim = random.below(sims);
    return random.next() < 0x8000_0000 ? sim : sim - (sim % 16);
  }

  #setUse(random: Random, service: string): void {
    const { event } = this;
    switch (event.service) {
      case 'data': {
        const mobility = this.#population.isMobility(this.#sim);
        const median = mobility ? BYTES_MEDIAN_MOBILITY : BYTES_MEDIAN_IOT;
        const bytes = Math.floor(median * Math.exp(BYTES_SIGMA * random.normal()));
        event.bytes_up = Math.round(mobility ? bytes / 9 : bytes * 0.75);
        event.bytes_down = bytes - event.bytes_up;
        event.seconds = random.below(1800);
        event.end_time = event.start_time + event.seconds * 1_000_000;
        event.apn = apns[this.#ofSim(this.#sim, OF_APN) % apns.length] ?? null;
        event.rating_group = mobility ? 1 + random.below(5) : 1;
        event.cause_for_closing = random.below(4) === 0 ? 16 : 0;
        break;
      }
      case 'voice':
        event.seconds = 1 + random.below(900);
        event.end_time = event.start_time + event.seconds * 1_000_000;
        event.other_party = '49301234567';
        break;
      case 'premium':
        event.amount = `${random.below(9)}.${String(random.below(100)).padStart(2, '0')}`;
        event.currency = this.#population.currencyOf(this.#sim);
        event.units = 1;
        event.other_party = '0900123456';
        break;
      case 'message':
        event.units = 1;
        event.other_party = '49301234567';
        break;
      default:
        event.units = 1;
    }
    if (service !== 'lifecycle') this.#setPlace(random);
  }

  /** A SIM is where it lives, and on its device's radio; one event in eight comes from anywhere. */
  #setPlace(random: Random): void {
    const { event } = this;
    const away = random.below(8) === 0;
    const home = away ? random.fraction() : this.#ofSim(this.#sim, OF_HOME) / 2 ** 32;
    const fraction = away ? random.fraction() : this.#ofSim(this.#sim, OF_NETWORK) / 2 ** 32;
    event.plmn = plmns[networkAt(home, fraction)] ?? null;
    event.rat = rats[this.#ofSim(this.#sim, OF_RAT) % rats.length] ?? null;
  }

  /** What is always the same of a SIM: 32 bits by its number and what they are for. */
  #ofSim(sim: number, what: number): number {
    return hashNumbers(this.#population.options.seed, sim, what) >>> 0;
  }

  #setKey(index: number, random: Random): void {
    const { event } = this;
    const draw = random.below(20);
    if (event.service === 'data' && draw >= 12) {
      if (draw < 17) {
        event.record_type = 'PGW';
        event.node = `pgw-${index % 16}`;
        event.charging_id = index % 0x1_0000_0000;
        event.record_sequence = random.below(8);
        event.opening_time = event.start_time;
        event.container_index = random.below(3);
        event.local_sequence = Math.floor(index / 16);
      } else {
        event.recording_function = `chf-${index % 4}`;
        event.charging_session = `s${index}`;
        event.session_sequence = random.below(8);
        event.container_sequence = random.below(3);
      }
    } else if (event.service !== 'data' && event.service !== 'lifecycle' && draw >= 10) {
      event.reference = `r${index}`;
    } else {
      event.event_id = `e${index}`;
    }
  }

  /** Draws are below the sum of the four shares. */
  #spoil(draw: number, random: Random, inFile: boolean): void {
    const { event } = this;
    if (draw < MIX.invalid) {
      this.#invalidate(random, inFile);
    } else if (draw < MIX.invalid + MIX.unknownSim) {
      this.outcome = 'suspended:SIM_UNKNOWN';
      if (event.iccid !== null) event.iccid = iccidOf(900_000_000 + this.#sim);
      else if (event.imsi !== null) event.imsi = imsiOf(900_000_000 + this.#sim);
      else event.msisdn = msisdnOf(900_000_000 + this.#sim);
    } else if (draw < MIX.invalid + MIX.unknownSim + MIX.unknownNetwork) {
      // Every price for data names zones, so no plan lets it pass.
      if (event.service !== 'data') return;
      this.outcome = 'suspended:ZONE_UNRESOLVED';
      event.plmn = random.below(4) === 0 ? null : random.pick(UNKNOWN_PLMNS);
    } else {
      const exception = this.#exceptions[random.below(this.#exceptions.length)];
      if (exception === undefined) return;
      this.outcome = `suspended:${exception.code}`;
      event.service = exception.service;
      event.amount = event.currency = null;
      event.iccid = iccidOf(exception.sim);
      event.plmn = plmns[0] ?? null;
    }
  }

  #invalidate(random: Random, inFile: boolean): void {
    const { event } = this;
    this.outcome = 'suspended:QUANTITY_INVALID';
    switch (random.below(inFile ? 8 : 12)) {
      case 0:
        event.bytes_up = -1 - random.below(1000);
        break;
      case 1:
        event.end_time = event.start_time - 1;
        break;
      case 2:
        event.bytes_down = QUANTITY_MAX + 1 + random.below(1000);
        break;
      case 3:
        event.units = -1;
        break;
      case 4:
        event.iccid = event.imsi = event.msisdn = null;
        this.outcome = 'rejected:FIELD_MISSING';
        break;
      case 5:
        event.event_id = event.charging_id = event.charging_session = event.reference = null;
        this.outcome = 'rejected:FIELD_MISSING';
        break;
      case 6:
        event.start_time = (WINDOW_START_MS - 60 * DAY_MS) * 1000 - random.below(1_000_000);
        event.end_time = null;
        this.outcome = 'rejected:TIME_TOO_OLD';
        break;
      case 7:
        event.start_time = (WINDOW_END_MS + 30 * DAY_MS) * 1000 + random.below(1_000_000);
        event.end_time = null;
        this.outcome = 'suspended:TIME_IN_FUTURE';
        break;
      case 8:
      case 9:
        this.form = 'truncated';
        this.outcome = 'rejected:SCHEMA_INVALID';
        break;
      case 10:
        this.form = 'empty';
        this.outcome = 'rejected:SCHEMA_INVALID';
        break;
      default:
        this.form = 'unknown-schema';
        this.outcome = 'suspended:SCHEMA_UNKNOWN';
    }
  }
}

function chooseService(random: Random): string {
  const draw = random.fraction();
  if (draw < MIX.lifecycle) return 'lifecycle';
  if (draw < MIX.lifecycle + MIX.voice) return 'voice';
  if (draw < MIX.lifecycle + MIX.voice + MIX.premium) return 'premium';
  return draw < MIX.lifecycle + MIX.voice + MIX.message ? 'message' : 'data';
}
